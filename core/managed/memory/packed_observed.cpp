#include <capstan/core/managed/memory/packed_observed.hpp>

#include <zstd.h>

#include <charconv>
#include <string_view>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

constexpr int kLevel = 1;

// All fields, each preceded by its length, so that no two different Observed give the same text.
std::string Flat(const external::Observed& observed) {
  std::string all;
  for (const std::string* part :
       {&observed.id, &observed.name, &observed.identity, &observed.owner, &observed.message,
        &observed.created_at, &observed.status, &observed.state}) {
    all += std::to_string(part->size());
    all += ':';
    all += *part;
  }
  all += std::to_string(static_cast<int>(observed.phase));
  all += observed.connectable ? 'c' : '-';
  return all;
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

Failure Damaged() {
  return Fail(Code::kInternal, "what a list showed of a cloud object is damaged in memory");
}

}  // namespace

std::string DigestOf(const external::Observed& observed) { return DigestOfText(Flat(observed)); }

struct ObservedPacker::State {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};  // null when out of memory
  std::string buffer;
};

ObservedPacker::ObservedPacker() : state_(std::make_unique<State>()) {}
ObservedPacker::~ObservedPacker() = default;

PackedObserved::PackedObserved(const external::Observed& observed, ObservedPacker& packer,
                               const PackedObserved* before) {
  std::string flat = Flat(observed);
  digest_ = DigestOfText(flat);
  if (before != nullptr && before->digest_ == digest_) {
    *this = *before;
    return;
  }
  size_ = flat.size();
  ObservedPacker::State& state = *packer.state_;
  const std::size_t bound = ZSTD_compressBound(flat.size());
  if (state.buffer.size() < bound) state.buffer.resize(bound);
  const std::size_t size = state.context
                               ? ZSTD_compressCCtx(state.context.get(), state.buffer.data(),
                                                   state.buffer.size(), flat.data(), flat.size(), kLevel)
                               : flat.size();
  compressed_ = ZSTD_isError(size) == 0 && size < flat.size();
  packed_ = compressed_ ? std::string(state.buffer, 0, size) : std::move(flat);
}

Result<external::Observed> PackedObserved::Unpack() const {
  std::string flat = packed_;
  if (compressed_) {
    flat.assign(size_, '\0');
    if (ZSTD_decompress(flat.data(), flat.size(), packed_.data(), packed_.size()) != size_) return Damaged();
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
