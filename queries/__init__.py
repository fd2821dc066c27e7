"""The questions that are asked of journeys, each written once."""
