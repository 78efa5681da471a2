"""Small trainings to interrupt: both engines, both loss kinds, both kinds of output, with probes."""

SHARED = ["model.hidden_size=4", "trainer.accelerator=cpu", "trainer.checkpoint_seconds=0"]
TRAININGS = {
    "numbers, stacked": [
        "task=slope_intercept",
        "model=rnn",
        "engine=stacked",
        "seeds=[0,3]",
        "trainer.max_steps=60",
        "trainer.val_every=20",
        "trainer.log_every=7",
    ],
    "numbers, looped": [
        "task=line_xy",
        "model=lstm",
        "engine=looped",
        "seeds=[4,6]",
        "trainer.max_steps=130",
        "optimizer=sgd",
        "optimizer.momentum=0.9",
        "trainer.val_every=65",
    ],
    "classes, stacked": [
        "task=remember",
        "model=gru",
        "engine=stacked",
        "seeds=[1,2,5]",
        "trainer.max_steps=45",
        "trainer.memory_gib=0.0001",
        "trainer.val_every=15",
    ],
    "classes, looped": [
        "task=turnstile",
        "model=rnn",
        "engine=looped",
        "seeds=[0,1]",
        "trainer.max_steps=30",
        "~task.probes.automaton",
        "~task.probes.length",
    ],
    "fresh data": [
        "task=slope_intercept",
        "task.train_size=null",
        "model=gru",
        "model.num_layers=2",
        "model.dropout=0.3",
        "scheduler=cosine",
        "loss=huber",
        "seeds=[2,4]",
        "trainer.max_steps=40",
        "trainer.val_every=20",
        "trainer.log_every=5",
    ],
}
"""Overrides by what is special about them; the third trains its members in several groups, the last draws at
random in every update."""


def first_seed(name: str) -> str:
    """The override that trains the first seed of a training alone."""
    (seeds,) = [override for override in TRAININGS[name] if override.startswith("seeds=")]
    return f"{seeds.rstrip(']').split(',')[0]}]"
