"""Games: parties built on the public names of `machine_party`, and on nothing else of it."""
