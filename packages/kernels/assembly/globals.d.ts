/** Hash of all exported signatures, given by tools/build.mjs with --use. */
declare const ABI_HASH: i32;
