#include <capstan/core/managed/memory/packed_effects.hpp>

#include <array>
#include <cstring>

namespace capstan::managed {
namespace {

// Before the texts of an effect.
struct Head {
  WallTime::rep at;
  Duration::rep took;
  std::uint64_t count;
  std::array<std::uint32_t, 4> sizes;  // of operation, target, outcome and detail

  std::size_t whole() const { return sizeof(Head) + sizes[0] + sizes[1] + sizes[2] + sizes[3]; }
};

Head HeadAt(const std::string& bytes, std::size_t begin) {
  Head head;
  std::memcpy(&head, bytes.data() + begin, sizeof head);
  return head;
}

bool Alike(const Effect& a, const Effect& b) {
  return a.operation == b.operation && a.target == b.target && a.outcome == b.outcome && a.detail == b.detail;
}

Effect EffectAt(const std::string& bytes, std::size_t begin) {
  const Head head = HeadAt(bytes, begin);
  Effect effect;
  begin += sizeof head;
  std::string* const texts[] = {&effect.operation, &effect.target, &effect.outcome, &effect.detail};
  for (std::size_t i = 0; i < head.sizes.size(); ++i) {
    texts[i]->assign(bytes, begin, head.sizes[i]);
    begin += head.sizes[i];
  }
  effect.at = WallTime(WallTime::duration(head.at));
  effect.took = Duration(head.took);
  effect.count = head.count;
  return effect;
}

}  // namespace

void PackedEffects::Append(const Effect& effect) {
  const std::string* const texts[] = {&effect.operation, &effect.target, &effect.outcome, &effect.detail};
  Head head{effect.at.time_since_epoch().count(), effect.took.count(), effect.count, {}};
  for (std::size_t i = 0; i < head.sizes.size(); ++i)
    head.sizes[i] = static_cast<std::uint32_t>(texts[i]->size());
  // Exactly as much: most objects get no further effect for hours.
  std::string bytes;
  bytes.reserve(bytes_.size() + head.whole());
  bytes += bytes_;
  last_ = static_cast<std::uint32_t>(bytes.size());
  bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
  for (const std::string* text : texts) bytes += *text;
  bytes_ = std::move(bytes);
  ++size_;
}

bool PackedEffects::CountOnLast(const Effect& effect) {
  if (size_ == 0 || !Alike(EffectAt(bytes_, last_), effect)) return false;
  Head head = HeadAt(bytes_, last_);
  head.at = effect.at.time_since_epoch().count();
  head.took = effect.took.count();
  ++head.count;
  std::memcpy(bytes_.data() + last_, &head, sizeof head);
  return true;
}

void PackedEffects::DropFirst() {
  const auto first = static_cast<std::uint32_t>(HeadAt(bytes_, 0).whole());
  bytes_.erase(0, first);
  last_ = size_ > 1 ? last_ - first : 0;
  --size_;
}

std::vector<Effect> PackedEffects::Unpack() const {
  std::vector<Effect> effects;
  effects.reserve(size_);
  for (std::size_t begin = 0; begin < bytes_.size(); begin += HeadAt(bytes_, begin).whole())
    effects.push_back(EffectAt(bytes_, begin));
  return effects;
}

}  // namespace capstan::managed
