// Tests of the tree follow.
