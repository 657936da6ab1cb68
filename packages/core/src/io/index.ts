// Reading and writing files piece by piece, for loaders that never hold a whole file.
export {
  packedBytes,
  packedRoom,
  packedWords,
  packInPlace,
  packOptions,
  packsAs,
  unpackInPlace,
} from "../ops/packing.ts";
export { decode, encode, type FileType, fileTypes } from "./elements.ts";
export {
  emptyFor,
  encodedPieces,
  type FileEntry,
  type FileHeader,
  type FilePart,
  fileLayout,
  headerLength,
  parseHeader,
} from "./safetensors.ts";
