"""For each part of each claim of post 2, numbers on both sides of its limits (see `synthetic_runs`)."""

from __future__ import annotations

from reports.claims.synthetic_runs import Runs, final, pair

COUNTER, SENTENCE = "post2/counter", "post2/sentence"
LSTM, RNN, GRU, RELU, PEEPHOLE = (
    f"post2/turnstile model={model}" for model in ("lstm", "rnn", "gru", "relu_rnn", "lstm_peephole")
)
LONG = "probe/length/500/accuracy"
ACCURACY = "val/accuracy"
LAG_RNN = "controls/remember_rnn task.lag=50"


def remember(lag: int, bias: int) -> str:
    return f"post2/remember task.lag={lag} model.forget_bias={bias}"


def word(question: str, *numbers: float) -> list[Runs]:
    return [final(SENTENCE, f"probe/next_word/{question}/probability", *numbers)]


def phases(measure: str, *numbers: float) -> Runs:
    return final(SENTENCE, f"probe/phases/{measure}", *numbers)


def gain(more: str, less: str, *numbers: tuple[float, float]) -> list[Runs]:
    return [pair((more, ACCURACY), (less, ACCURACY), *numbers)]


def kept(bias: int, measure: str) -> Runs:
    metric = f"probe/gradient/20/{measure}"
    return pair((remember(50, bias), metric), (LAG_RNN, metric), (0.5, 0.05), (0.4, 0.05), (0.05, 0.5))


CASES: dict[str, list[Runs]] = {
    "counter/first_component_counts_coins": [final(COUNTER, "probe/counting/20000/coins", 1, 0.9999)],
    "counter/second_component_counts_pushes": [final(COUNTER, "probe/counting/20000/pushes", 1, 0.9999)],
    "counter/counter_solves_the_turnstile": [final(COUNTER, "probe/length/20000/accuracy", 0.99, 0.98)],
    "counter/six_relu_units_are_the_turnstile": [
        final("post2/turnstile_machine", "probe/length/20000/accuracy", 1, 0.9999)
    ],
    "turnstile/lstm_learns_it": [final(LSTM, LONG, 0.999, 0.998)],
    "turnstile/tanh_learns_it": [final(RNN, LONG, 0.999, 0.998)],
    "turnstile/relu_learns_it": [final(RELU, LONG, 0.999, 0.998)],
    "turnstile/gru_learns_it": [final(GRU, LONG, 0.999, 0.998)],
    "turnstile/identity_weights_are_a_good_start": [final("controls/turnstile_identity", LONG, 0.999, 0.998)],
    "turnstile/automaton_can_be_extracted": [final(LSTM, "probe/automaton/equivalent", 1, 0)],
    "turnstile/states_are_messy": [final(LSTM, "probe/selectivity/trained/mixed", 0.5, 0.4)],
    "turnstile/states_are_readable": [final(LSTM, "probe/states/trained/readable", 0.99, 0.98)],
    "turnstile/rare_coins": [final(LSTM, "probe/coin_probability/0.1/accuracy", 0.999, 0.998)],
    "turnstile/rare_coins_after_training_with_any": [
        final("controls/turnstile_any_coins", "probe/coin_probability/0.1/accuracy", 0.999, 0.998)
    ],
    "sentence/countries_after_in": [
        pair(
            (SENTENCE, "probe/next_word/country/probability"),
            (SENTENCE, "probe/next_word/but_or_croissant/probability"),
            (0.2, 0.1),
            (0.19, 0.1),
            (0.1, 0.2),
        )
    ],
    "sentence/her_after_mary_ate": word("her", 0.99, 0.98),
    "sentence/french_food_after_ate_her": [*word("french_food", 0.95, 0.94), *word("croissant", 0.15, 0.14, 0.51)],
    "sentence/italian_food_in_italy": word("italian_food_if_italy", 0.95, 0.94),
    "sentence/his_after_tom_ate": word("his_if_tom", 0.99, 0.98),
    "sentence/drinks_after_drank": word("french_drink_if_drank", 0.95, 0.94),
    "sentence/wine_is_a_guess": word("wine", 0.1, 0.09, 0.41),
    "sentence/french_drink_many_words_later": word("french_drink", 0.95, 0.94),
    "cell_state/input_gate_opens_for_france_alone": [
        phases("carrier_input", 0.5, 0.49),
        phases("others_open", 0.1, 0.11),
    ],
    "cell_state/seen_france_is_readable": [final(SENTENCE, "probe/concepts/seenFrance/accuracy", 0.99, 0.98)],
    "cell_state/untrained_network_does_not_show_it": [
        final(SENTENCE, "probe/concepts/seenFrance/untrained", 0.9, 0.91)
    ],
    "cell_state/number_of_people": [final(SENTENCE, "probe/people/trained/explained", 0.9, 0.89)],
    "cell_state/number_of_people_is_learned": [
        pair(
            (SENTENCE, "probe/people/trained/explained"),
            (SENTENCE, "probe/people/untrained/explained"),
            (0.95, 0.8),
            (0.95, 0.9),
            (0.8, 0.95),
        )
    ],
    "cell_state/one_unit_keeps_it": [phases("carrier_forget", 0.9, 0.89)],
    "cell_state/forget_gates_are_near_one": [phases("forget_near_one", 0.5, 0.49)],
    "cell_state/eating_is_forgotten": [
        phases("eating_forget", 0.5, 0.51),
        final(SENTENCE, "probe/concepts/eating/accuracy", 0.75, 0.76),
    ],
    "forget_bias/three_helps_at_lag_20": gain(remember(20, 3), remember(20, 0), (0.5, 0.25), (0.5, 0.26), (0.2, 0.5)),
    "forget_bias/one_helps_at_lag_15": gain(remember(15, 1), remember(15, 0), (0.5, 0.25), (0.5, 0.26), (0.2, 0.5)),
    "forget_bias/one_is_enough_at_lag_20": gain(remember(20, 3), remember(20, 1), (0.5, 0.41), (0.5, 0.39)),
    "forget_bias/three_helps_at_lag_50": gain(remember(50, 3), remember(50, 0), (0.5, 0.25), (0.5, 0.26), (0.2, 0.5)),
    "forget_bias/bias_helps_with_the_sentence": [
        pair(
            (f"{SENTENCE} model.forget_bias=3", "probe/next_word/french_food/probability"),
            (f"{SENTENCE} model.forget_bias=0", "probe/next_word/french_food/probability"),
            (0.93, 0.9),
            (0.91, 0.9),
            (0.9, 0.93),
        )
    ],
    "gradient_flow/much_better_than_in_the_rnn": [kept(3, "untrained"), kept(3, "kept")],
    "gradient_flow/without_a_forget_bias": [kept(0, "untrained")],
}


SETTLED, RMSE = "val/rmse_settled", "val/rmse"
ERRORS = {
    "post0/line_xy": SETTLED,
    "post0/hill_xy": SETTLED,
    "post0/hill_y": SETTLED,
    "post0/sine": SETTLED,
    "post0/amplitude": RMSE,
    "post0/slope_intercept": RMSE,
}
"""Presets of the LSTM and the metrics by which other cells are compared with it, in the order of the parts."""
ARCHITECTURES: dict[str, list[tuple[str, str, str]]] = {
    "gru_is_as_good": [
        *((f"{run} model=gru", run, metric) for run, metric in list(ERRORS.items())[:-1]),
        ("post0/slope_intercept model=gru model.forget_bias=null", "post0/slope_intercept", RMSE),
        ("controls/inverse_gru", "controls/inverse_lstm", RMSE),
        ("post1/lstm_variable model=gru", "post1/lstm_variable model=lstm", RMSE),
        (GRU, LSTM, LONG),
        (f"{SENTENCE} model=gru", SENTENCE, "val/loss"),
        ("controls/remember_gru task.lag=20", remember(20, 3), ACCURACY),
    ],
    "peepholes_are_as_good": [
        *((f"{run} model=lstm_peephole", run, metric) for run, metric in ERRORS.items()),
        ("post1/lstm_graves", "controls/inverse_lstm", RMSE),
        ("post1/lstm_variable model=lstm_peephole", "post1/lstm_variable model=lstm", RMSE),
        (PEEPHOLE, LSTM, LONG),
        (f"{SENTENCE} model=lstm_peephole", SENTENCE, "val/loss"),
        ("post2/remember model=lstm_peephole model.forget_bias=3", remember(20, 3), ACCURACY),
    ],
}
"""The two runs and the metric of each part, which is one number of a population: the ratio of their medians."""
LIMITS = {RMSE: (0.5, 2.0), SETTLED: (0.5, 2.0), LONG: (0.95, 1.05), ACCURACY: (0.95, 1.05), "val/loss": (0.95, 1.05)}
