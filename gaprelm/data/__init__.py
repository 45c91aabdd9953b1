"""The data of an experiment: from files of many formats to labelled pairs."""
