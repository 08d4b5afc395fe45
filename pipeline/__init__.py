"""The library behind the stages: typed, without argv, params files or fixed paths."""
