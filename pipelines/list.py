"""Show tasks, models, probes, presets and optimizers, with a line each: `seqprobe list`."""

from seqprobe.config.choices import GROUPS, choices


def main() -> None:
    """Print every group."""
    for group, title in GROUPS.items():
        print(f"{title} ({group}=…)")
        found = choices(group)
        width = max(map(len, found))
        for name, line in found.items():
            print(f"  {name:<{width}}  {line}")


if __name__ == "__main__":
    main()
