"""Why an item is on the slate: typed claims, checked against facts, then phrased."""
