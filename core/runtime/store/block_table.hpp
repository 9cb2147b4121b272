// Private to core/runtime: the blocks of a Store by namespace and name. Twelve bytes a place, and
// an eighth of the places or more are free: a node for each block, as std::unordered_set has it,
// costs 40 bytes and an allocation.
//
// Holds pointers and no references: who puts a block owns it. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace capstan::runtime::detail {

struct Block;

class BlockTable {
 public:
  // Null when there is none.
  Block* Find(std::string_view namespace_, std::string_view name) const;
  // In the place of the one with its key, which is returned; null when there was none.
  Block* Put(Block* block);
  // Whether this very block was there.
  bool Remove(const Block* block);
  std::size_t size() const { return size_; }

  // Every block, in no order; Put and Remove end it.
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
  // Where the block of that key is, or would go: the first free place from its home on.
  std::size_t PlaceOf(std::uint32_t hash, std::string_view namespace_, std::string_view name) const;
  std::size_t Next(std::size_t place) const { return (place + 1) & (blocks_.size() - 1); }
  void Grow();

  // Of equal length, none or a power of two. hashes_ is 0 where blocks_ is null.
  std::vector<Block*> blocks_;
  std::vector<std::uint32_t> hashes_;
  std::size_t size_ = 0;
};

}  // namespace capstan::runtime::detail
