#include <capstan/core/managed/memory/packed_observed.hpp>

#include <zstd.h>

#include <charconv>
#include <string_view>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

constexpr int kLevel = 1;
constexpr std::size_t kMostDictionary = std::size_t{64} << 10;

// All fields, each preceded by its length, so that no two different Observed give the same text.
void Flatten(const external::Observed& observed, std::string& all) {
  all.clear();
  for (const std::string* part :
       {&observed.id, &observed.name, &observed.identity, &observed.owner, &observed.message,
        &observed.created_at, &observed.status, &observed.state}) {
    all += std::to_string(part->size());
    all += ':';
    all += *part;
  }
  all += std::to_string(static_cast<int>(observed.phase));
  all += observed.connectable ? 'c' : '-';
}

bool TakePart(std::string_view& rest, std::string& part) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  if (error != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.empty() || rest.front() != ':' || rest.size() - 1 < size) return false;
  part = rest.substr(1, size);
  rest.remove_prefix(1 + size);
  return true;
}

std::string DigestOfText(std::string text) { return Secret(std::move(text)).Digest().substr(0, 32); }

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Failure Damaged() {
  return Fail(Code::kInternal, "what a list showed of a cloud object is damaged in memory");
}

}  // namespace

std::string DigestOf(const external::Observed& observed) {
  std::string flat;
  Flatten(observed, flat);
  return DigestOfText(std::move(flat));
}

struct ObservedPacker::State {
  // Null until needed, and when out of memory. A list at rest only compares.
  std::unique_ptr<ZSTD_CCtx, Free> packing;
  std::unique_ptr<ZSTD_DCtx, Free> unpacking;
  std::string flat, buffer;
  Dictionary dictionary;
};

ObservedPacker::ObservedPacker(Dictionary dictionary) : state_(std::make_unique<State>()) {
  state_->dictionary = std::move(dictionary);
}
ObservedPacker::~ObservedPacker() = default;
const ObservedPacker::Dictionary& ObservedPacker::dictionary() const { return state_->dictionary; }

PackedObserved::PackedObserved(const external::Observed& observed, ObservedPacker& packer) {
  ObservedPacker::State& state = *packer.state_;
  Flatten(observed, state.flat);
  digest_ = DigestOfText(state.flat);
  size_ = state.flat.size();
  const std::size_t bound = ZSTD_compressBound(size_);
  if (state.buffer.size() < bound) state.buffer.resize(bound);
  if (!state.packing) state.packing.reset(ZSTD_createCCtx());
  if (!state.dictionary)
    state.dictionary = std::make_shared<const std::string>(state.flat, 0, kMostDictionary);
  dictionary_ = state.dictionary;
  const std::size_t size = state.packing
                               ? ZSTD_compress_usingDict(state.packing.get(), state.buffer.data(),
                                                         state.buffer.size(), state.flat.data(), size_,
                                                         dictionary_->data(), dictionary_->size(), kLevel)
                               : size_;
  compressed_ = ZSTD_isError(size) == 0 && size < size_;
  packed_ = compressed_ ? std::string(state.buffer, 0, size) : state.flat;
}

bool PackedObserved::Holds(const external::Observed& observed, ObservedPacker& packer) const {
  ObservedPacker::State& state = *packer.state_;
  Flatten(observed, state.flat);
  if (state.flat.size() != size_) return false;
  if (!compressed_) return state.flat == packed_;
  if (state.buffer.size() < size_) state.buffer.resize(size_);
  if (!state.unpacking) state.unpacking.reset(ZSTD_createDCtx());
  return state.unpacking &&
         ZSTD_decompress_usingDict(state.unpacking.get(), state.buffer.data(), state.buffer.size(),
                                   packed_.data(), packed_.size(), dictionary_->data(),
                                   dictionary_->size()) == size_ &&
         std::string_view(state.buffer).substr(0, size_) == state.flat;
}

Result<external::Observed> PackedObserved::Unpack() const {
  std::string flat = packed_;
  if (compressed_) {
    flat.assign(size_, '\0');
    const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
    if (!context ||
        ZSTD_decompress_usingDict(context.get(), flat.data(), flat.size(), packed_.data(), packed_.size(),
                                  dictionary_->data(), dictionary_->size()) != size_)
      return Damaged();
  }
  external::Observed observed;
  std::string_view rest = flat;
  for (std::string* part : {&observed.id, &observed.name, &observed.identity, &observed.owner,
                            &observed.message, &observed.created_at, &observed.status, &observed.state}) {
    if (!TakePart(rest, *part)) return Damaged();
  }
  int phase = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), phase);
  if (error != std::errc() || end == rest.data() + rest.size()) return Damaged();
  observed.phase = static_cast<external::Phase>(phase);
  observed.connectable = *end == 'c';
  return observed;
}

}  // namespace capstan::managed
