#include <capstan/providers/digitalocean/detail/observed_items.hpp>

#include <zstd.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include <capstan/core/base/text.hpp>

namespace capstan::digitalocean {
namespace {

using external::Observed;

constexpr int kLevel = 1;
constexpr std::size_t kMostDictionary = std::size_t{64} << 10;

}  // namespace

// Converts between an entry's bytes and its observation. Its buffers serve a whole page: allocating
// them again costs as much as an item. Clusters are much alike, so one serves the others as a
// dictionary: entries of 100 bytes instead of 650, and unpacked with a quarter of the instructions.
class ObservedItems::Codec {
  // Between the item's text and the texts of its observation.
  struct Head {
    std::array<std::size_t, 8> sizes{};
    external::Phase phase{};
    std::int32_t connectable = 0;
  };
  template <class T>
  static auto TextsOf(T& it) {
    return std::array{&it.id,      &it.name,       &it.identity, &it.owner,
                      &it.message, &it.created_at, &it.status,   &it.state};
  }

 public:
  // Nothing when zstd is out of memory.
  // An empty dictionary becomes this item.
  std::optional<Entry> Pack(std::string_view item, const Observed& observed, std::string& dictionary) {
    if (!packing_) packing_.reset(ZSTD_createCCtx());
    const auto texts = TextsOf(observed);
    Head head;
    head.phase = observed.phase;
    head.connectable = observed.connectable;
    for (std::size_t i = 0; i < texts.size(); ++i) head.sizes[i] = texts[i]->size();
    plain_.assign(item);
    plain_.append(reinterpret_cast<const char*>(&head), sizeof head);
    for (const std::string* text : texts) plain_ += *text;
    if (dictionary.empty()) dictionary.assign(plain_, 0, kMostDictionary);
    std::string packed(ZSTD_compressBound(plain_.size()), '\0');
    if (!packing_) return std::nullopt;
    const std::size_t used =
        ZSTD_compress_usingDict(packing_.get(), packed.data(), packed.size(), plain_.data(), plain_.size(),
                                dictionary.data(), dictionary.size(), kLevel);
    if (ZSTD_isError(used) != 0) return std::nullopt;
    return Entry{packed.substr(0, used), item.size(), plain_.size(), 0};
  }

  // Nothing if the entry is about another text.
  std::optional<Observed> Unpack(const Entry& entry, std::string_view item, const std::string& dictionary) {
    if (entry.text_size != item.size()) return std::nullopt;
    if (!unpacking_) unpacking_.reset(ZSTD_createDCtx());
    if (plain_.size() < entry.size) plain_.resize(entry.size);
    if (!unpacking_ ||
        ZSTD_decompress_usingDict(unpacking_.get(), plain_.data(), plain_.size(), entry.packed.data(),
                                  entry.packed.size(), dictionary.data(), dictionary.size()) != entry.size)
      return std::nullopt;
    std::string_view rest(plain_.data(), entry.size);
    if (rest.substr(0, item.size()) != item) return std::nullopt;
    rest.remove_prefix(item.size());
    return Read(rest);
  }

 private:
  static Observed Read(std::string_view rest) {
    Head head;
    std::memcpy(&head, rest.data(), sizeof head);
    rest.remove_prefix(sizeof head);
    Observed observed;
    observed.phase = head.phase;
    observed.connectable = head.connectable != 0;
    std::size_t at = 0;
    for (std::string* text : TextsOf(observed)) {
      text->assign(rest.substr(0, head.sizes[at]));
      rest.remove_prefix(head.sizes[at++]);
    }
    return observed;
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> packing_;
  std::unique_ptr<ZSTD_DCtx, Free> unpacking_;
  std::string plain_;
};

void ObservedItems::BeginList() {
  MutexLock lock(mutex_);
  ++list_;
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (it->second.list + 2 >= list_) {
      ++it;
      continue;
    }
    bytes_ -= it->second.packed.size();
    it = entries_.erase(it);
  }
}

void ObservedItems::ForgetIfAnyDiffer(const Prices& prices, const std::vector<std::string>& versions) {
  if (prices == prices_ && versions == versions_) return;
  entries_.clear();
  bytes_ = 0;
  prices_ = prices;
  versions_ = versions;
}

Result<std::vector<Observed>> ObservedItems::ObserveAll(const std::vector<std::string>& items,
                                                        const Prices& prices,
                                                        const std::vector<std::string>& versions) {
  Codec codec;
  std::vector<Observed> all;
  all.reserve(items.size());
  MutexLock lock(mutex_);
  ForgetIfAnyDiffer(prices, versions);
  for (const std::string& item : items) {
    auto observed = ObserveOne(item, codec);
    if (!observed) return Fail(Code::kDataLoss, StrCat("item ", all.size(), ": ", observed.error().message));
    all.push_back(*std::move(observed));
  }
  return all;
}

Result<Observed> ObservedItems::ObserveOne(const std::string& item, Codec& codec) {
  const std::size_t hash = options_.hash(item);
  if (const auto known = entries_.find(hash); known != entries_.end()) {
    if (auto observed = codec.Unpack(known->second, item, dictionary_)) {
      known->second.list = list_;
      return *std::move(observed);
    }
  }
  ++parsed_;
  CAPSTAN_TRY(Cluster cluster, ParseCluster(item));
  cluster.prices = prices_;
  cluster.versions = versions_;
  Observed observed = Observe(cluster);
  if (entries_.empty()) dictionary_.clear();
  if (auto entry = codec.Pack(item, observed, dictionary_)) Remember(hash, *std::move(entry));
  return observed;
}

void ObservedItems::Remember(std::size_t hash, Entry entry) {
  if (const auto other = entries_.find(hash); other != entries_.end()) {
    bytes_ -= other->second.packed.size();
    entries_.erase(other);
  }
  if (entries_.size() >= options_.most_items || bytes_ + entry.packed.size() > options_.most_bytes) return;
  bytes_ += entry.packed.size();
  entry.list = list_;
  entries_.emplace(hash, std::move(entry));
}

ObservedItems::Counts ObservedItems::counts() const {
  MutexLock lock(mutex_);
  return {entries_.size(), bytes_, parsed_};
}

}  // namespace capstan::digitalocean
