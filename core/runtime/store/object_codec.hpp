// ObjectCodec makes an object's JSON small: zstd, with a dictionary once it has seen enough objects
// of the kind to make one. Objects of a kind resemble each other, so that a dictionary of 16 KiB
// makes them four to ten times smaller.
//
// Encode and Train: one thread at a time. Decode: thread-safe, also while they run.
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
  kPlain = 0,       // as it is: too small to gain anything, or the library failed
  kZstd = 1,        // without a dictionary
  kDictionary = 2,  // with the dictionary
};

class ObjectCodec {
 public:
  ObjectCodec();
  ~ObjectCodec();
  // Bytes that Decode turns back. The view is valid until the next call of Encode.
  std::string_view Encode(std::string_view text, Encoding& encoding);
  // Errors: kInternal.
  Result<std::string> Decode(Encoding encoding, std::string_view bytes, std::size_t text_size) const;
  // Makes the dictionary; later Encodes use it. False when there is one, or the samples are too few
  // or too different.
  bool Train(const std::vector<std::string>& samples);
  bool trained() const;
  // What the dictionary and the workspace cost, roughly.
  std::size_t memory() const;
  // Gives back the workspace that Encode needs; the next Encode allocates it again. After a long
  // list.
  void Trim();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan::runtime
