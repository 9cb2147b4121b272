// ObjectCodec compresses the JSON of objects: zstd, with a dictionary once it has seen enough
// objects of the kind to train one. Objects of a kind resemble each other, so a 16 KiB dictionary
// shrinks them by a factor of four to ten.
//
// Encode and Train: one thread at a time. Decode: thread-safe, also concurrently with them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::runtime {

enum class Encoding : std::uint8_t {
  kPlain = 0,       // uncompressed: too small to gain anything, or the library failed
  kZstd = 1,        // without a dictionary
  kDictionary = 2,  // with the dictionary
};

class ObjectCodec {
 public:
  ObjectCodec();
  ~ObjectCodec();
  // Bytes that Decode restores. The view is valid until the next call of Encode.
  std::string_view Encode(std::string_view text, Encoding& encoding);
  // Errors: kInternal.
  Result<std::string> Decode(Encoding encoding, std::string_view bytes, std::size_t text_size) const;
  // Trains the dictionary; later Encodes use it. False if one exists already, or if the samples are
  // too few or too different.
  bool Train(const std::vector<std::string>& samples);
  bool trained() const;
  // Approximate bytes used by the dictionary and the workspace.
  std::size_t memory() const;
  // Frees the workspace of Encode, for example after a long list; the next Encode allocates it
  // again.
  void Trim();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan::runtime
