"""The claims of post 2: the turnstile, the sentence, and forget gates."""

from __future__ import annotations

from seqprobe.reports.claims.claim import Claim
from seqprobe.reports.claims.evidence import Evidence, final, less
from seqprobe.reports.claims.post0 import probe_figure

COUNTER, MACHINE = "post2/counter · counter", "post2/turnstile_machine · turnstile_machine"
TURNSTILE = {model: f"post2/turnstile · {model}" for model in ("lstm", "rnn", "gru", "relu_rnn")}
IDENTITY, ANY_COINS = "controls/turnstile_identity · relu_rnn", "controls/turnstile_any_coins · lstm"
SENTENCE, BIASED = "post2/sentence · lstm", "post2/sentence · lstm · model.forget_bias={}"
FOOD = "probe/next_word/french_food/probability"
LAGS, BIASES = (10, 15, 20, 50), (0, 1, 3)
LENGTH, COINS, WORDS = probe_figure("length"), probe_figure("coin_probability"), probe_figure("next_word")
AUTOMATON, CONCEPTS = probe_figure("automaton"), probe_figure("concepts")
REMEMBERED = ("", "remember.png")


def remember(bias: int, lag: int) -> str:
    """The population with this forget bias and lag."""
    return f"post2/remember · lstm · model.forget_bias={bias} task.lag={lag}"


def gain(low: int, high: int, lag: int) -> Evidence:
    """By how much a larger forget bias raises the accuracy at a lag."""
    return less((remember(high, lag), "val/accuracy"), (remember(low, lag), "val/accuracy"), REMEMBERED)


POST2 = (
    Claim(
        2,
        "With identity weights the first component counts the coins.",
        "share of 20,000 steps at which it equals their number",
        final(COUNTER, "probe/counting/20000/coins", probe_figure("counting")),
        low=1,
    ),
    Claim(
        2,
        "The second component counts the passages.",
        "share of 20,000 steps at which it equals their number; it counts all pushes",
        final(COUNTER, "probe/counting/20000/passages", probe_figure("counting")),
        low=1,
    ),
    Claim(
        2,
        "The counter alone solves the turnstile.",
        "accuracy over 20,000 steps; always WAIT scores .833",
        final(COUNTER, "probe/length/20000/accuracy", LENGTH),
        low=0.99,
    ),
    Claim(
        2,
        "A network of ReLU units can be the turnstile: six are enough, exactly.",
        "accuracy over 20,000 steps",
        final(MACHINE, "probe/length/20000/accuracy", LENGTH),
        low=1,
    ),
    Claim(
        2,
        "RNNs will figure out which states and transitions they need: LSTM.",
        "accuracy over 500 steps, trained on 20",
        final(TURNSTILE["lstm"], "probe/length/500/accuracy", LENGTH),
        low=0.999,
    ),
    Claim(
        2,
        "RNNs will figure out which states and transitions they need: tanh.",
        "accuracy over 500 steps, trained on 20",
        final(TURNSTILE["rnn"], "probe/length/500/accuracy", LENGTH),
        low=0.999,
    ),
    Claim(
        2,
        "RNNs will figure out which states and transitions they need: GRU.",
        "accuracy over 500 steps, trained on 20",
        final(TURNSTILE["gru"], "probe/length/500/accuracy", LENGTH),
        low=0.999,
    ),
    Claim(
        2,
        "RNNs will figure out which states and transitions they need: ReLU, as in the post's formula.",
        "accuracy over 500 steps, trained on 20",
        final(TURNSTILE["relu_rnn"], "probe/length/500/accuracy", LENGTH),
        low=0.999,
    ),
    Claim(
        2,
        "Identity weights are a good start for learning the turnstile (control).",
        "accuracy over 500 steps, trained on 20",
        final(IDENTITY, "probe/length/500/accuracy", LENGTH),
        low=0.999,
    ),
    Claim(
        2,
        "The learned states are those of the machine: its automaton can be extracted.",
        "1 if the extracted automaton is equivalent to the true one",
        final(TURNSTILE["lstm"], "probe/automaton/equivalent", AUTOMATON),
        low=1,
    ),
    Claim(
        2,
        "The states will typically be messy vectors: more than one cluster for a state, but readable.",
        "share of steps whose true state a linear classifier reads",
        final(TURNSTILE["lstm"], "probe/states/trained/readable", probe_figure("states")),
        low=0.99,
    ),
    Claim(
        2,
        "It works for rare coins, too.",
        "accuracy with coins of probability 0.1",
        final(TURNSTILE["lstm"], "probe/coin_probability/0.1/accuracy", COINS),
        low=0.999,
    ),
    Claim(
        2,
        "It works for rare coins if training had coins of any probability (control).",
        "accuracy with coins of probability 0.1",
        final(ANY_COINS, "probe/coin_probability/0.1/accuracy", COINS),
        low=0.999,
    ),
    Claim(
        2,
        "After “ate” the output is likely to be “her”, since we have seen a female person earlier on.",
        "P(her | In France, Mary ate)",
        final(SENTENCE, "probe/next_word/her/probability", WORDS),
        low=0.99,
    ),
    Claim(
        2,
        "Naturally, croissant would make sense as a next guess: French food, though never seen with Mary.",
        "P(French food | … ate her)",
        final(SENTENCE, FOOD, WORDS),
        low=0.95,
    ),
    Claim(
        2,
        "Croissant would be the guess.",
        "P(croissant | … ate her); the grammar's own is 1/3",
        final(SENTENCE, "probe/next_word/croissant/probability", WORDS),
        low=0.15,
        high=0.5,
    ),
    Claim(
        2,
        "Frank did not like the wine, of all French drinks.",
        "P(wine | … did not like the); the grammar's own is 1/4",
        final(SENTENCE, "probe/next_word/wine/probability", WORDS),
        low=0.1,
        high=0.4,
    ),
    Claim(
        2,
        "Many words later the wine is still French.",
        "P(French drink | … did not like the)",
        final(SENTENCE, "probe/next_word/french_drink/probability", WORDS),
        low=0.95,
    ),
    Claim(
        2,
        "The cell state has toggled its seenFrance feature.",
        "least accuracy of a linear probe at any word after the country",
        final(SENTENCE, "probe/concepts/seenFrance/accuracy", CONCEPTS),
        low=0.99,
    ),
    Claim(
        2,
        "That a linear probe reads seenFrance shows learning: it does not from an untrained network (control).",
        "the same accuracy, untrained",
        final(SENTENCE, "probe/concepts/seenFrance/untrained", CONCEPTS),
        high=0.9,
    ),
    Claim(
        2,
        "A single feature keeps seenFrance: its forget gate stays open.",
        "least forget gate of the unit that carries the country",
        final(SENTENCE, "probe/phases/carrier_forget", probe_figure("phases")),
        low=0.9,
    ),
    Claim(
        2,
        "You would want the forget gate close to 1; explicitly add bias to it: 3 instead of 0 at a lag of 20.",
        "gain in accuracy",
        gain(0, 3, 20),
        low=0.25,
    ),
    Claim(
        2,
        "Add bias to the forget gate: 1 instead of 0 at a lag of 15.",
        "gain in accuracy",
        gain(0, 1, 15),
        low=0.25,
    ),
    Claim(
        2,
        "Add bias to the forget gate: 1 is enough at a lag of 20.",
        "gain in accuracy, 3 over 1",
        gain(1, 3, 20),
        high=0.1,
    ),
    Claim(
        2,
        "Add bias to the forget gate: 3 instead of 0 at a lag of 50.",
        "gain in accuracy",
        gain(0, 3, 50),
        low=0.25,
    ),
    Claim(
        2,
        "Add bias to the forget gate: it helps with the sentence as well.",
        "gain in P(French food | … ate her), 3 over 0",
        less((BIASED.format(3), FOOD), (BIASED.format(0), FOOD), (BIASED.format(3), WORDS)),
        low=0.02,
    ),
)
