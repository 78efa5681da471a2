"""How populations are trained with Lightning, and what they tell a recorder while they are."""
