// Private to core/runtime: hash table of a Store's blocks by namespace and name. Open addressing
// with 12 bytes per slot and at least an eighth of the slots free; a node per block, as in
// std::unordered_set, would cost 40 bytes and an allocation.
//
// Stores non-owning pointers: the code that inserts a block owns it. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace capstan::runtime::detail {

struct Block;

class BlockTable {
 public:
  // Null if there is none.
  Block* Find(std::string_view namespace_, std::string_view name) const;
  // Replaces the block with the same key and returns the old one; null if there was none.
  Block* Put(Block* block);
  // True if this very block was in the table.
  bool Remove(const Block* block);
  std::size_t size() const { return size_; }

  // Iterates over every block, unordered; invalidated by Put and Remove.
  class Iterator {
   public:
    Block* operator*() const { return *at_; }
    Iterator& operator++() {
      ++at_;
      return Skip();
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) { return a.at_ != b.at_; }

   private:
    friend class BlockTable;
    Iterator(Block* const* at, Block* const* end) : at_(at), end_(end) { Skip(); }
    Iterator& Skip() {
      while (at_ != end_ && *at_ == nullptr) ++at_;
      return *this;
    }
    Block* const* at_;
    Block* const* end_;
  };
  Iterator begin() const { return {blocks_.data(), blocks_.data() + blocks_.size()}; }
  Iterator end() const { return {blocks_.data() + blocks_.size(), blocks_.data() + blocks_.size()}; }

 private:
  // Slot of the block with that key, or the slot where it would go: the first free one, probing
  // from its home slot.
  std::size_t PlaceOf(std::uint32_t hash, std::string_view namespace_, std::string_view name) const;
  std::size_t Next(std::size_t place) const { return (place + 1) & (blocks_.size() - 1); }
  void Grow();

  // Same length: zero or a power of two. hashes_ is 0 where blocks_ is null.
  std::vector<Block*> blocks_;
  std::vector<std::uint32_t> hashes_;
  std::size_t size_ = 0;
};

}  // namespace capstan::runtime::detail
