"""Training populations with Lightning, and recording their metrics on the way."""
