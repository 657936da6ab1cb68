// The vocabulary of kernel signatures. A pointer is a byte address in the engine's memory, unsigned: the heap
// may lie above 2 GiB. Address 0 means "absent" or "not needed". Counts, sizes and strides are in elements.

export type F32Ptr = usize;
export type F64Ptr = usize;
export type I32Ptr = usize;
/** Bytes; a bool tensor is one byte per element, 0 or 1. */
export type U8Ptr = usize;
/** Memory whose element type the kernel does not look at. */
export type BytePtr = usize;
/**
 * A layout descriptor: i32 words that describe one iteration space and the strides of P operands, output
 * first. Word 0: R, the number of leading axes; word 1: N, the length of the last axis; words 2 .. 2+R:
 * leading sizes; then for each operand its R leading strides and its last-axis stride. Strides may be 0
 * (broadcast) or negative. The flat index i is row-major: row = i / N, column = i % N.
 */
export type LayoutPtr = usize;
/**
 * A window that slides over the image of one group: i32 words. Groups; channels, depth, height, width of the
 * image; channels, depth, height, width of the grid of its positions; then three words (depth, height, width)
 * each of the window's size, stride, padding before the image, dilation. Image and grid are dense, item by
 * item (batch x groups), channel by channel.
 */
export type WindowPtr = usize;
/**
 * The operands of an attention: i32 words. Items B, heads H of queries, heads G of keys and values (each serves H / G
 * neighbouring heads of queries), queries T, keys S, features D of q and k, N of v and y; past (query t sees keys
 * 0 ... past + t; -1: all), masking (0 none, 1 bytes of which 0 hides a key, 2 f32 added to the scaled scores). Then two
 * f32: a cap (scaled scores become cap * tanh(score / cap) before masks; 0: none) and the probability with which a weight
 * is dropped; the seed and stream of its random numbers, two words each: the weights (B, H, T, S) are dropped as
 * dropout_f32 drops. Then four strides (item, head, position, feature) each of y, q,
 * k, v, mask, dy, dq, dk, dv.
 */
export type AttentionPtr = usize;
/** Scratch of one thread, 64-byte aligned; its contents mean nothing before and after the call. */
export type WorkPtr = usize;

/** How many elements, rows, columns … */
export type Count = i32;
/** Distance between neighbours along an axis. */
export type Stride = i32;
/** A position; `begin` and `end` are positions in the units of work that a kernel's comment names. */
export type Index = i32;
/** 0 or 1. `acc`: 0 writes the output, 1 adds to what is there. */
export type Flag = i32;
