"""The language of design spaces: YAML rules to points, points to architectures."""
