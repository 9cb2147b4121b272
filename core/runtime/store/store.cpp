#include <capstan/core/runtime/store/store.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>
#include <capstan/core/runtime/store/block.hpp>

namespace capstan::runtime {
namespace {

// Kinds with fewer objects get no dictionary: it would cost more than it saves.
constexpr std::size_t kTrainAt = 64;
constexpr std::size_t kSampleBytes = std::size_t{1} << 20;

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): its functions are moved away.
Store::Store(std::map<std::string, IndexFunction> indexes, std::shared_ptr<ObjectCodec> codec)
    : codec_(codec ? std::move(codec) : std::make_shared<ObjectCodec>()), next_training_(kTrainAt) {
  codec_->Join();
  MutexLock lock(mutex_);
  for (auto& [name, function] : indexes) indexes_[name].function = std::move(function);
}

Store::~Store() {
  codec_->Leave();
  MutexLock lock(mutex_);
  for (detail::Block* block : blocks_) detail::Release(block);
}

StoredObject Store::Lend(detail::Block* block) const {
  detail::Retain(block);
  return StoredObject(block, codec_);
}

std::optional<StoredObject> Store::Find(const kube::ObjectKey& key) const {
  MutexLock lock(mutex_);
  detail::Block* const found = blocks_.Find(key.namespace_, key.name);
  return found == nullptr ? std::nullopt : std::optional(Lend(found));
}

Result<std::optional<kube::Object>> Store::Get(const kube::ObjectKey& key) const {
  const auto stored = Find(key);
  if (!stored) return std::optional<kube::Object>();
  CAPSTAN_TRY(kube::Object object, stored->Load());
  return std::optional<kube::Object>(std::move(object));
}

std::vector<StoredObject> Store::Snapshot(std::string_view namespace_) const {
  std::vector<StoredObject> all;
  MutexLock lock(mutex_);
  if (namespace_.empty()) all.reserve(blocks_.size());
  for (detail::Block* block : blocks_) {
    if (namespace_.empty() || block->namespace_() == namespace_) all.push_back(Lend(block));
  }
  return all;
}

Result<std::vector<StoredObject>> Store::FindByIndex(const std::string& index,
                                                     const std::string& value) const {
  std::vector<StoredObject> all;
  MutexLock lock(mutex_);
  const auto found = indexes_.find(index);
  if (found == indexes_.end()) {
    std::string names;
    for (const auto& [name, known] : indexes_) names += StrCat(names.empty() ? "" : ", ", name);
    return Fail(Code::kFailedPrecondition, StrCat("the cache has no index \"", index, "\" (it has ",
                                                  names.empty() ? "none" : names, "): add it with AddIndex"));
  }
  const auto blocks = found->second.values.find(value);
  if (blocks == found->second.values.end()) return all;
  for (detail::Block* block : blocks->second) all.push_back(Lend(block));
  // The set is ordered by address, which differs from run to run; a simulation must be
  // deterministic.
  std::sort(all.begin(), all.end(), [](const StoredObject& a, const StoredObject& b) {
    return std::pair(a.namespace_(), a.name()) < std::pair(b.namespace_(), b.name());
  });
  return all;
}

std::size_t Store::size() const {
  MutexLock lock(mutex_);
  return blocks_.size();
}

std::uint64_t Store::version() const {
  MutexLock lock(mutex_);
  return version_;
}

StoreStats Store::stats() const {
  MutexLock lock(mutex_);
  return {blocks_.size(), object_bytes_, text_bytes_, codec_->memory() / codec_->users()};
}

void Store::SetVersion(std::uint64_t version) {
  MutexLock lock(mutex_);
  version_ = version;
}

Result<json::ObjectScanner::Scanned> Store::Scan(std::string_view json) {
  CAPSTAN_TRY(json::ObjectScanner::Scanned scanned, scanner_.Scan(json));
  if (scanned.metadata.name.empty()) return Fail(Code::kDataLoss, "the server sent an object without a name");
  return scanned;
}

Result<detail::Block*> Store::Make(const json::ObjectScanner::Scanned& scanned) {
  detail::Block* block = nullptr;
  codec_->Encode(scanned.text, [&](std::string_view encoded, Encoding encoding) {
    block = detail::MakeBlock(scanned.metadata, encoded, encoding, scanned.text.size());
  });
  if (block == nullptr) {
    return Fail(Code::kTooLarge, StrCat("the object ", scanned.metadata.namespace_, "/",
                                        Shorten(scanned.metadata.name, 100), " is too large for the cache"));
  }
  return block;
}

std::vector<std::vector<std::string>> Store::IndexValues(std::string_view text) const {
  std::vector<std::vector<std::string>> values;
  std::vector<const IndexFunction*> functions;
  {
    // Indexes are only ever added, under writing_, and their functions are never replaced.
    MutexLock lock(mutex_);
    for (const auto& [name, index] : indexes_) functions.push_back(&index.function);
  }
  if (functions.empty()) return values;
  const auto object = kube::Object::Parse(std::string(text));
  for (const IndexFunction* function : functions) {
    values.push_back(object ? (*function)(*object) : std::vector<std::string>());
  }
  return values;
}

void Store::IndexBlock(Index& index, detail::Block* block, const std::vector<std::string>& values) {
  for (const std::string& value : values) index.values[value].insert(block);
  if (!values.empty()) index.of[block] = values;
}

Status Store::AddIndex(const std::string& name, IndexFunction function) {
  if (!function) return Fail(Code::kInvalidArgument, StrCat("the index \"", name, "\" has no function"));
  MutexLock writing(writing_);
  std::vector<StoredObject> stored;
  {
    MutexLock lock(mutex_);
    const auto [at, added] = indexes_.try_emplace(name);
    if (!added) {
      if (at->second.function.target_type() == function.target_type()) return {};
      return Fail(Code::kAlreadyExists, StrCat("another index has the name \"", name,
                                               "\": choose another name for one of the two"));
    }
    at->second.function = function;
    for (detail::Block* block : blocks_) stored.push_back(Lend(block));
  }
  for (const StoredObject& object : stored) {
    const auto parsed = object.Load();
    const auto values = parsed ? function(*parsed) : std::vector<std::string>();
    MutexLock lock(mutex_);
    // EndReplace may have removed it meanwhile.
    if (blocks_.Find(object.namespace_(), object.name()) == object.block_)
      IndexBlock(indexes_[name], object.block_, values);
  }
  return {};
}

detail::Block* Store::Swap(detail::Block* block, const std::vector<std::vector<std::string>>& index_values) {
  detail::Block* const before = blocks_.Put(block);
  if (before != nullptr) Forget(before);
  object_bytes_ += block->size();
  text_bytes_ += block->text_size;
  std::size_t at = 0;
  for (auto& [name, index] : indexes_) {
    if (at >= index_values.size()) break;
    IndexBlock(index, block, index_values[at++]);
  }
  return before;
}

void Store::TakeOut(detail::Block* block) {
  blocks_.Remove(block);
  Forget(block);
}

void Store::Forget(detail::Block* block) {
  for (auto& [name, index] : indexes_) {
    const auto of = index.of.find(block);
    if (of == index.of.end()) continue;
    for (const std::string& value : of->second) {
      const auto blocks = index.values.find(value);
      if (blocks == index.values.end()) continue;
      blocks->second.erase(block);
      if (blocks->second.empty()) index.values.erase(blocks);
    }
    index.of.erase(of);
  }
  object_bytes_ -= block->size();
  text_bytes_ -= block->text_size;
}

Result<Written> Store::Put(std::string_view json) {
  MutexLock writing(writing_);
  CAPSTAN_TRY(const auto scanned, Scan(json));
  CAPSTAN_TRY(detail::Block * block, Make(scanned));
  const auto index_values = IndexValues(scanned.text);
  Change change{ChangeType::kAdded, false, std::nullopt, StoredObject(block, codec_)};
  detail::Retain(block);  // one reference for the table, one for the change
  block->current = true;
  {
    MutexLock lock(mutex_);
    version_ = std::max(version_, block->version);
    if (detail::Block* before = Swap(block, index_values)) {
      change.type = ChangeType::kModified;
      change.before = StoredObject(before, codec_);
    }
  }
  TrainWhenReady(scanned.text);
  const std::uint64_t version = change.object.version();
  return Written{std::move(change), version};
}

Result<Written> Store::Remove(std::string_view json) {
  MutexLock writing(writing_);
  CAPSTAN_TRY(const auto scanned, Scan(json));
  CAPSTAN_TRY(detail::Block * last, Make(scanned));
  Change change{ChangeType::kDeleted, false, std::nullopt, StoredObject(last, codec_)};
  MutexLock lock(mutex_);
  version_ = std::max(version_, last->version);
  detail::Block* const before = blocks_.Find(last->namespace_(), last->name());
  if (before == nullptr) return Written{std::nullopt, last->version};
  TakeOut(before);
  change.before = StoredObject(before, codec_);
  return Written{std::move(change), last->version};
}

void Store::BeginReplace(bool compare_bytes) {
  MutexLock writing(writing_);
  compare_bytes_ = compare_bytes;
  MutexLock lock(mutex_);
  for (detail::Block* block : blocks_) block->current = false;
}

Status Store::Stage(std::string_view json) {
  MutexLock writing(writing_);
  CAPSTAN_TRY(const auto scanned, Scan(json));
  const std::uint64_t version = ParseResourceVersion(scanned.metadata.resource_version);
  const auto same = [&, compare_bytes = compare_bytes_](const StoredObject& stored) {
    if (version == 0 || stored.version() != version || stored.uid() != scanned.metadata.uid) return false;
    if (!compare_bytes) return true;
    const auto text =
        codec_->Decode(stored.block_->encoding, stored.block_->encoded(), stored.block_->text_size);
    return text && *text == scanned.text;
  };
  if (const auto stored = Find({scanned.metadata.namespace_, scanned.metadata.name});
      stored && same(*stored)) {
    MutexLock lock(mutex_);
    stored->block_->current = true;
    return {};
  }
  CAPSTAN_TRY(detail::Block * block, Make(scanned));
  const auto index_values = IndexValues(scanned.text);
  block->current = true;
  block->unannounced = true;
  detail::Block* before = nullptr;
  {
    MutexLock lock(mutex_);
    before = Swap(block, index_values);
    block->replaced = before != nullptr && (before->replaced || !before->unannounced);
  }
  if (before != nullptr) detail::Release(before);
  TrainWhenReady(scanned.text);
  return {};
}

void Store::EndReplace(std::uint64_t version, const std::function<void(const Change&)>& announce) {
  std::vector<detail::Block*> changed;  // with a reference each
  std::vector<detail::Block*> gone;
  {
    MutexLock lock(mutex_);
    version_ = version;
    changed.reserve(blocks_.size());
    for (detail::Block* block : blocks_) {
      if (!block->current) {
        gone.push_back(block);
      } else if (block->unannounced) {
        block->unannounced = false;
        detail::Retain(block);
        changed.push_back(block);
      }
    }
    for (detail::Block* block : gone) TakeOut(block);
  }
  codec_->Trim();
  {
    MutexLock writing(writing_);
    scanner_.Trim();
  }
  for (detail::Block* block : gone) {
    // An object that a cut list delivered and the next list did not was never announced.
    const StoredObject object(block, codec_);
    if (!block->unannounced || block->replaced)
      announce(Change{ChangeType::kDeleted, true, std::nullopt, object});
  }
  for (detail::Block* block : changed) {
    const ChangeType type = block->replaced ? ChangeType::kModified : ChangeType::kAdded;
    announce(Change{type, true, std::nullopt, StoredObject(block, codec_)});
  }
}

void Store::TrainWhenReady(std::string_view latest) {
  if (const std::size_t dictionaries = codec_->dictionaries(); dictionaries != encoded_with_) {
    return EncodeAgain(dictionaries);  // another store trained it
  }
  if (codec_->trained() ? TrainWithNewer(latest) : TrainWithStored()) EncodeAgain(codec_->dictionaries());
}

bool Store::TrainWithStored() {
  if (size() < next_training_) return false;
  std::vector<std::string> samples;
  std::size_t bytes = 0;
  for (const StoredObject& object : Snapshot()) {
    auto text = codec_->Decode(object.block_->encoding, object.block_->encoded(), object.block_->text_size);
    if (!text) continue;
    bytes += text->size();
    samples.push_back(std::move(*text));
    if (bytes > kSampleBytes) break;
  }
  // Objects this different are worth another attempt only when there are many more.
  next_training_ *= 4;
  return codec_->Train(samples);
}

bool Store::TrainWithNewer(std::string_view latest) {
  if (!codec_->outdated()) return false;
  newer_.emplace_back(latest);
  newer_bytes_ += latest.size();
  if (newer_.size() < kTrainAt && newer_bytes_ < kSampleBytes) return false;
  newer_bytes_ = 0;
  return codec_->Train(std::exchange(newer_, {}));
}

void Store::EncodeAgain(std::size_t dictionaries) {
  encoded_with_ = dictionaries;
  newer_ = {};
  newer_bytes_ = 0;
  json::ObjectScanner scanner;  // scanner_ may be in use by our caller
  for (const StoredObject& object : Snapshot()) {
    detail::Block* const old = object.block_;
    if (!codec_->IsWorthEncodingAgain(old->encoding, old->encoded_size)) continue;
    const auto text = codec_->Decode(old->encoding, old->encoded(), old->text_size);
    if (!text) continue;
    const auto scanned = scanner.Scan(*text);
    if (!scanned) continue;
    const auto smaller = Make(*scanned);
    if (!smaller) continue;
    const auto index_values = IndexValues(*text);
    MutexLock lock(mutex_);
    (*smaller)->current = old->current;
    (*smaller)->unannounced = old->unannounced;
    (*smaller)->replaced = old->replaced;
    if (detail::Block* before = Swap(*smaller, index_values)) detail::Release(before);
  }
}

}  // namespace capstan::runtime
