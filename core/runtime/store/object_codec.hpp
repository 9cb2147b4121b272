// ObjectCodec compresses the JSON of objects: zstd, with a dictionary once it has seen enough
// objects of the kind to train one. Objects of a kind resemble each other, so a 16 KiB dictionary
// shrinks them by a factor of four to ten. Stores of one kind can share a codec, and then share its
// dictionary and buffers.
//
// Objects change: new ones have no status, and a dictionary of them knows no word of it. Once the
// objects need much more space than at first, the codec asks for samples of newer ones.
//
// Thread-safe. Encode holds a lock during `use`; Decode waits for nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::runtime {

enum class Encoding : std::uint8_t {
  kPlain = 0,       // uncompressed: too small to gain anything, or the library failed
  kZstd = 1,        // without a dictionary
  kDictionary = 2,  // with the first dictionary; the values above stand for the later ones
};

class ObjectCodec {
 public:
  ObjectCodec();
  ~ObjectCodec();
  // Calls `use` once with bytes that Decode restores. The view is valid only within the call. `use`
  // must be fast, and must not call Encode, Train or Trim.
  void Encode(std::string_view text, const std::function<void(std::string_view, Encoding)>& use);
  // Errors: kInternal.
  Result<std::string> Decode(Encoding encoding, std::string_view bytes, std::size_t text_size) const;
  // Trains a dictionary; later Encodes use it, and Decode keeps those before. False if none is
  // needed, or if the samples are too few or too different.
  bool Train(const std::vector<std::string>& samples);
  bool trained() const { return dictionaries() > 0; }
  std::size_t dictionaries() const;  // trained so far
  // The objects need much more space than they did at first: train with samples of newer ones.
  bool outdated() const;
  // Whether encoding these bytes again would probably make them smaller.
  bool IsWorthEncodingAgain(Encoding encoding, std::size_t encoded_size) const;
  // Each store counts itself, so that shared memory is not counted once for each of them.
  void Join();
  void Leave();
  std::size_t users() const;  // at least 1
  // Approximate bytes used by the dictionary and the workspace.
  std::size_t memory() const;
  // Frees the workspace of Encode and Decode, for example after a long list; the next call
  // allocates it again.
  void Trim();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan::runtime
