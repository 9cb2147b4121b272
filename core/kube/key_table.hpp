// KeyTable: a hash table of things that know their own namespace and name. Open addressing with 12
// bytes per slot and at least an eighth of the slots free; a node per thing, as in
// std::unordered_map, would cost 40 bytes, an allocation and a second copy of the key.
//
// Stores non-owning pointers: the code that inserts a thing owns it. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace capstan::kube {

// Thing has namespace_() and name(), which stay as they are while it is in the table.
template <class Thing>
class KeyTable {
 public:
  // Null if there is none.
  Thing* Find(std::string_view namespace_, std::string_view name) const {
    return size_ == 0 ? nullptr : things_[PlaceOf(HashOf(namespace_, name), namespace_, name)];
  }
  // Replaces the thing with the same key and returns the old one; null if there was none.
  Thing* Put(Thing* thing);
  // True if this very thing was in the table.
  bool Remove(const Thing* thing);
  std::size_t size() const { return size_; }
  std::size_t slots() const { return things_.size(); }

  // Iterates over everything, unordered; invalidated by Put and Remove.
  class Iterator {
   public:
    Thing* operator*() const { return *at_; }
    Iterator& operator++() {
      ++at_;
      return Skip();
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) { return a.at_ != b.at_; }

   private:
    friend class KeyTable;
    Iterator(Thing* const* at, Thing* const* end) : at_(at), end_(end) { Skip(); }
    Iterator& Skip() {
      while (at_ != end_ && *at_ == nullptr) ++at_;
      return *this;
    }
    Thing* const* at_;
    Thing* const* end_;
  };
  Iterator begin() const { return {things_.data(), things_.data() + things_.size()}; }
  Iterator end() const { return {things_.data() + things_.size(), things_.data() + things_.size()}; }

 private:
  static constexpr std::size_t kFirstPlaces = 16;

  // Never 0, which marks a free slot.
  static std::uint32_t HashOf(std::string_view namespace_, std::string_view name) {
    const std::size_t hash =
        std::hash<std::string_view>()(namespace_) * 1099511628211ULL ^ std::hash<std::string_view>()(name);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32)) | 1U << 31;
  }
  // Slot of the thing with that key, or the slot where it would go: the first free one, probing
  // from its home slot.
  std::size_t PlaceOf(std::uint32_t hash, std::string_view namespace_, std::string_view name) const;
  std::size_t Next(std::size_t place) const { return (place + 1) & (things_.size() - 1); }
  // Moves everything into a table of so many slots.
  void Resize(std::size_t places);

  // Same length: zero or a power of two. hashes_ is 0 where things_ is null.
  std::vector<Thing*> things_;
  std::vector<std::uint32_t> hashes_;
  std::size_t size_ = 0;
};

template <class Thing>
std::size_t KeyTable<Thing>::PlaceOf(std::uint32_t hash, std::string_view namespace_,
                                     std::string_view name) const {
  std::size_t place = hash & (things_.size() - 1);
  for (; hashes_[place] != 0; place = Next(place)) {
    const Thing* thing = things_[place];
    if (hashes_[place] == hash && thing->name() == name && thing->namespace_() == namespace_) break;
  }
  return place;
}

template <class Thing>
Thing* KeyTable<Thing>::Put(Thing* thing) {
  if (8 * (size_ + 1) > 7 * things_.size()) Resize(std::max(kFirstPlaces, 2 * things_.size()));
  const std::uint32_t hash = HashOf(thing->namespace_(), thing->name());
  const std::size_t place = PlaceOf(hash, thing->namespace_(), thing->name());
  Thing* const before = things_[place];
  things_[place] = thing;
  hashes_[place] = hash;
  if (before == nullptr) ++size_;
  return before;
}

template <class Thing>
bool KeyTable<Thing>::Remove(const Thing* thing) {
  if (size_ == 0) return false;
  std::size_t hole = PlaceOf(HashOf(thing->namespace_(), thing->name()), thing->namespace_(), thing->name());
  if (things_[hole] != thing) return false;
  // Shift later things of the probe sequence into the hole where their home slot allows it, so that
  // no search stops there.
  for (std::size_t place = Next(hole); hashes_[place] != 0; place = Next(place)) {
    const std::size_t mask = things_.size() - 1;
    const std::size_t home = hashes_[place] & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    things_[hole] = things_[place];
    hashes_[hole] = hashes_[place];
    hole = place;
  }
  things_[hole] = nullptr;
  hashes_[hole] = 0;
  --size_;
  // A list may have had many that are gone for good.
  if (things_.size() > kFirstPlaces && 8 * size_ < things_.size()) Resize(things_.size() / 2);
  return true;
}

template <class Thing>
void KeyTable<Thing>::Resize(std::size_t places) {
  std::vector<Thing*> things(places);
  std::vector<std::uint32_t> hashes(places);
  for (std::size_t at = 0; at < things_.size(); ++at) {
    if (hashes_[at] == 0) continue;
    std::size_t place = hashes_[at] & (places - 1);
    while (hashes[place] != 0) place = (place + 1) & (places - 1);
    things[place] = things_[at];
    hashes[place] = hashes_[at];
  }
  things_.swap(things);
  hashes_.swap(hashes);
}

}  // namespace capstan::kube
