"""What both engines must agree on beyond the model itself: limits of numbers, and where counts stay intervals."""
