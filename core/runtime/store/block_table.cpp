#include <capstan/core/runtime/store/block_table.hpp>

#include <functional>

#include <capstan/core/runtime/store/block.hpp>

namespace capstan::runtime::detail {
namespace {

constexpr std::size_t kFirstPlaces = 16;

// Never 0, which marks a free slot.
std::uint32_t HashOfKey(std::string_view namespace_, std::string_view name) {
  const std::size_t hash =
      std::hash<std::string_view>()(namespace_) * 1099511628211ULL ^ std::hash<std::string_view>()(name);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32)) | 1U << 31;
}

}  // namespace

std::size_t BlockTable::PlaceOf(std::uint32_t hash, std::string_view namespace_,
                                std::string_view name) const {
  std::size_t place = hash & (blocks_.size() - 1);
  for (; hashes_[place] != 0; place = Next(place)) {
    const Block* block = blocks_[place];
    if (hashes_[place] == hash && block->name() == name && block->namespace_() == namespace_) break;
  }
  return place;
}

Block* BlockTable::Find(std::string_view namespace_, std::string_view name) const {
  return size_ == 0 ? nullptr : blocks_[PlaceOf(HashOfKey(namespace_, name), namespace_, name)];
}

Block* BlockTable::Put(Block* block) {
  if (8 * (size_ + 1) > 7 * blocks_.size()) Grow();
  const std::uint32_t hash = HashOfKey(block->namespace_(), block->name());
  const std::size_t place = PlaceOf(hash, block->namespace_(), block->name());
  Block* const before = blocks_[place];
  blocks_[place] = block;
  hashes_[place] = hash;
  if (before == nullptr) ++size_;
  return before;
}

bool BlockTable::Remove(const Block* block) {
  if (size_ == 0) return false;
  std::size_t hole =
      PlaceOf(HashOfKey(block->namespace_(), block->name()), block->namespace_(), block->name());
  if (blocks_[hole] != block) return false;
  // Shift later blocks of the probe sequence into the hole where their home slot allows it, so that
  // no search stops there.
  for (std::size_t place = Next(hole); hashes_[place] != 0; place = Next(place)) {
    const std::size_t mask = blocks_.size() - 1;
    const std::size_t home = hashes_[place] & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    blocks_[hole] = blocks_[place];
    hashes_[hole] = hashes_[place];
    hole = place;
  }
  blocks_[hole] = nullptr;
  hashes_[hole] = 0;
  --size_;
  return true;
}

void BlockTable::Grow() {
  const std::size_t places = blocks_.empty() ? kFirstPlaces : 2 * blocks_.size();
  std::vector<Block*> blocks(places);
  std::vector<std::uint32_t> hashes(places);
  for (std::size_t at = 0; at < blocks_.size(); ++at) {
    if (hashes_[at] == 0) continue;
    std::size_t place = hashes_[at] & (places - 1);
    while (hashes[place] != 0) place = (place + 1) & (places - 1);
    blocks[place] = blocks_[at];
    hashes[place] = hashes_[at];
  }
  blocks_.swap(blocks);
  hashes_.swap(hashes);
}

}  // namespace capstan::runtime::detail
