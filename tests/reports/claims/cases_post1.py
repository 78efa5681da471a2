"""For each part of each claim of post 1, numbers on both sides of its limits (see `synthetic_runs`)."""

from __future__ import annotations

from reports.claims.synthetic_runs import Runs, final, pair, parameters, speed

RNN, LSTM = "post1/rnn", "post1/lstm_graves"
LOSS = "val/loss"
LAG_LSTM = "post2/remember task.lag=50 model.forget_bias=3"
LAG_RNN, LAG_GRU = "controls/remember_rnn task.lag=50", "controls/remember_gru task.lag=50"
NAN = float("nan")

CASES: dict[str, list[Runs]] = {
    "parameters/rnn_has_755": [parameters(RNN, 755)],
    "parameters/lstm_has_2049": [parameters(LSTM, 2049)],
    "parameters/mlp1_has_761": [parameters("post1/mlp1", 761)],
    "parameters/mlp2_has_761": [parameters("post1/mlp2", 761)],
    "accuracy/lstm_is_very_good": [
        pair((LSTM, "val/rmse"), (LSTM, "reference/floor"), (0.38, 0.19), (0.39, 0.19)),
    ],
    "accuracy/rnn_learns_it": [final(RNN, LOSS, 0.15, 0.16)],
    "speed/lstm_is_twice_as_fast": [speed(RNN, LSTM, LOSS, level, 1.5, 1.4, 2.6, 0.5) for level in (0.2, 0.1, 0.07)],
    "speed/twice_as_fast_with_both_tuned": [
        speed("controls/rnn_tuned", "controls/lstm_tuned", LOSS, level, 2.5, 1.4, 2.6, 0.5)
        for level in (0.2, 0.1, 0.07)
    ],
    "speed/fewer_parameters_are_as_fast": [
        speed("controls/rnn_tuned", "controls/lstm_graves_h9", LOSS, 0.1, 1.2, 1.1, 0.8)
    ],
    "speed/more_parameters_do_not_help_the_rnn": [speed("controls/rnn_h44", LSTM, LOSS, 0.1, 1.2, 1.1, 0.8)],
    "speed/peepholes_matter": [speed("controls/inverse_lstm", LSTM, LOSS, 0.1, 1.1, 1.05, 0.9)],
    "speed/gru_does_as_well": [speed("controls/inverse_gru", LSTM, LOSS, 0.1, 1.25, 1.3, 2.0)],
    "variable_length/rnns_take_any_length": [
        pair(
            ("controls/rnn_variable", "probe/length/3/mse"),
            (RNN, "probe/length/3/mse"),
            (0.2, 0.1),
            (0.21, 0.1),
        )
    ],
    "variable_length/similar_results": [
        pair(
            ("post1/lstm_variable", "probe/length/3/mse"),
            (LSTM, "probe/length/3/mse"),
            (0.15, 0.1),
            (0.16, 0.1),
        )
    ],
    "variable_length/four_inputs_are_answered_well": [
        pair(
            ("post1/lstm_variable", "probe/length/4/mse"),
            ("post1/lstm_variable", "probe/length/3/mse"),
            (0.1, 0.1),
            (0.11, 0.1),
        )
    ],
    "variable_length/two_inputs_are_answered_as_well_as_possible": [
        final("post1/lstm_variable", "probe/length/2/mse", 1.76, 1.77)
    ],
    "variable_length/longer_than_in_training": [
        pair(
            ("post1/lstm_variable", "probe/length/8/mse"),
            ("post1/lstm_variable", "probe/length/4/mse"),
            (0.2, 0.1),
            (0.21, 0.1),
        )
    ],
    "perceptrons/mlp1_learns_it": [
        pair(("post1/mlp1_full", LOSS), (LSTM, LOSS), (0.2, 0.1), (0.21, 0.1)),
        pair(("post1/mlp1_full", "val/rmse"), ("post1/mlp1_full", "reference/floor"), (0.38, 0.19), (0.39, 0.19)),
    ],
    "perceptrons/mlp2_is_better": [
        pair(("post1/mlp1", LOSS), ("post1/mlp2", LOSS), (0.6, 0.5), (0.55, 0.5), (0.5, 0.6))
    ],
    "perceptrons/blows_up": [
        pair(
            ("post1/mlp1_blowup_full", LOSS), ("post1/mlp1_full", LOSS), (0.2, 0.1), (0.19, 0.1), (0.1, 0.2), (NAN, 0.1)
        )
    ],
    "perceptrons/blows_up_early": [
        pair(("post1/mlp1_blowup", LOSS), ("post1/mlp1", LOSS), (0.2, 0.1), (0.19, 0.1), (0.1, 0.2))
    ],
    "perceptrons/blows_up_further_on": [final("controls/mlp1_further", LOSS, NAN, 0.1, 1e9)],
    "long_lags/lstm_remembers_longer_than_the_rnn": [
        pair((LAG_LSTM, "val/accuracy"), (LAG_RNN, "val/accuracy"), (0.5, 0.25), (0.5, 0.26), (0.2, 0.5))
    ],
    "long_lags/gru_remembers_as_long_as_the_lstm": [
        pair((LAG_LSTM, "val/accuracy"), (LAG_GRU, "val/accuracy"), (0.5, 0.41), (0.5, 0.39))
    ],
}
