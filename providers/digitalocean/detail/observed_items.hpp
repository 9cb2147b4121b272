// Private to providers/digitalocean: remembers what the items of the account's list were observed
// as. A list is read every minute, and most of its clusters have not changed: an item whose text is
// the one of an earlier list, byte for byte, is not parsed again. Prices and versions on offer
// enter an observation, too, so everything is forgotten when they change.
//
// Thread-safe. Answers lists only: an observation of a single cluster is always parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>

namespace capstan::digitalocean {

// Beyond a limit further items are parsed each time. The first limit is above the 10,000 clusters
// that one token can list every minute.
struct ObservedItemsOptions {
  std::size_t most_items = 20'000;
  std::size_t most_bytes = std::size_t{32} << 20;  // compressed
  // Of an item's text. Any function is correct, because texts are compared: only the cost differs.
  std::size_t (*hash)(std::string_view) = [](std::string_view text) {
    return std::hash<std::string_view>{}(text);
  };
};

class ObservedItems {
 public:
  explicit ObservedItems(ObservedItemsOptions options = {}) : options_(options) {}

  // Begins a list. Forgets items that were in none of the last two lists: the last one may have
  // failed after its first page.
  void BeginList() CAPSTAN_EXCLUDES(mutex_);
  // Observes each item of a page: JSON texts of clusters. Errors: kDataLoss naming the item.
  Result<std::vector<external::Observed>> ObserveAll(const std::vector<std::string>& items,
                                                     const Prices& prices,
                                                     const std::vector<std::string>& versions)
      CAPSTAN_EXCLUDES(mutex_);

  struct Counts {
    std::size_t items = 0, bytes = 0;  // remembered
    std::uint64_t parsed = 0;          // since the beginning
  };
  Counts counts() const CAPSTAN_EXCLUDES(mutex_);

 private:
  class Codec;
  // An item's text and its observation, compressed together, because the state repeats most of the
  // text.
  struct Entry {
    std::string packed;
    std::size_t text_size = 0, size = 0;  // uncompressed: of the text, of all
    std::uint64_t list = 0;               // the last one that contained it
  };

  void ForgetIfAnyDiffer(const Prices& prices, const std::vector<std::string>& versions)
      CAPSTAN_REQUIRES(mutex_);
  Result<external::Observed> ObserveOne(const std::string& item, Codec& codec) CAPSTAN_REQUIRES(mutex_);
  void Remember(std::size_t hash, Entry entry) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const ObservedItemsOptions options_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  // By hash of the text. Two texts with one hash replace each other.
  std::unordered_map<std::size_t, Entry> entries_ CAPSTAN_GUARDED_BY(mutex_);
  std::string dictionary_ CAPSTAN_GUARDED_BY(mutex_);  // of all entries
  std::size_t bytes_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::uint64_t list_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::uint64_t parsed_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  Prices prices_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<std::string> versions_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::digitalocean
