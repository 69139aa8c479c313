/** A module that imports nothing, which a bundler copies as it is. */
export const double = (value) => value * 2;
