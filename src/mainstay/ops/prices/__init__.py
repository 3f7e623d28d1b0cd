"""A region's prices, out of the list that AWS publishes, in the shape of the table `prices`."""
