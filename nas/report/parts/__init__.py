"""The parts of a report, one file each: a function from a study's material to a section, or to none."""
