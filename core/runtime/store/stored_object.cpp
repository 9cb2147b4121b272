#include <capstan/core/runtime/store/stored_object.hpp>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <capstan/core/runtime/queue/workqueue_core.hpp>
#include <capstan/core/runtime/store/block.hpp>

namespace capstan::runtime {
namespace detail {
namespace {

// FNV-1a, folded: a collision hides one change until the next one, so 32 bits suffice together with
// the generation.
class Digest {
 public:
  void Add(std::string_view text) {
    for (const char c : text) Step(static_cast<unsigned char>(c));
    Step(0xff);
  }
  void Add(std::uint64_t number) {
    for (int i = 0; i < 64; i += 8) Step(static_cast<unsigned char>(number >> i));
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(hash_ ^ (hash_ >> 32)); }

 private:
  void Step(unsigned char byte) { hash_ = (hash_ ^ byte) * 1099511628211ULL; }
  std::uint64_t hash_ = 14695981039346656037ULL;
};

std::uint32_t IntentDigest(const json::Metadata& metadata, std::uint64_t version) {
  Digest digest;
  digest.Add(static_cast<std::uint64_t>(metadata.generation));
  if (metadata.generation == 0) digest.Add(version);
  digest.Add(metadata.uid);
  digest.Add(metadata.deletion_timestamp);
  for (const auto& [key, value] : metadata.labels) digest.Add(key), digest.Add(value);
  digest.Add("annotations");
  for (const auto& [key, value] : metadata.annotations) digest.Add(key), digest.Add(value);
  digest.Add("finalizers");
  for (const std::string& finalizer : metadata.finalizers) digest.Add(finalizer);
  digest.Add("owners");
  for (const json::OwnerReference& owner : metadata.owners) {
    digest.Add(owner.uid);
    digest.Add(static_cast<std::uint64_t>(owner.controller) * 2 +
               static_cast<std::uint64_t>(owner.block_owner_deletion));
  }
  return digest.value();
}

}  // namespace

Block* MakeBlock(const json::Metadata& metadata, std::string_view encoded, Encoding encoding,
                 std::size_t text_size) {
  std::size_t labels_size = 0;
  for (const auto& [key, value] : metadata.labels) labels_size += key.size() + value.size() + 2;
  if (metadata.namespace_.size() > 255 || metadata.name.size() > 65535 || metadata.uid.size() > 255 ||
      labels_size > UINT32_MAX || encoded.size() > UINT32_MAX || text_size > UINT32_MAX) {
    return nullptr;
  }
  const std::size_t size = sizeof(Block) + metadata.namespace_.size() + metadata.name.size() +
                           metadata.uid.size() + labels_size + encoded.size();
  void* memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  Block* block = new (memory) Block;
  block->version = ParseResourceVersion(metadata.resource_version);
  block->generation = metadata.generation;
  block->intent_digest = IntentDigest(metadata, block->version);
  block->text_size = static_cast<std::uint32_t>(text_size);
  block->encoded_size = static_cast<std::uint32_t>(encoded.size());
  block->labels_size = static_cast<std::uint32_t>(labels_size);
  block->namespace_size = static_cast<std::uint8_t>(metadata.namespace_.size());
  block->name_size = static_cast<std::uint16_t>(metadata.name.size());
  block->uid_size = static_cast<std::uint8_t>(metadata.uid.size());
  block->encoding = encoding;
  block->deleting = !metadata.deletion_timestamp.empty();
  char* at = reinterpret_cast<char*>(block + 1);
  const auto put = [&at](std::string_view text) {
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  put(metadata.namespace_);
  put(metadata.name);
  put(metadata.uid);
  for (const auto& [key, value] : metadata.labels) {
    put(key);
    *at++ = '\0';
    put(value);
    *at++ = '\0';
  }
  put(encoded);
  return block;
}

void Retain(const Block* block) noexcept { block->references.fetch_add(1, std::memory_order_relaxed); }

void Release(Block* block) noexcept {
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block->~Block();
  std::free(block);
}

}  // namespace detail

StoredObject::StoredObject(detail::Block* block, std::shared_ptr<const ObjectCodec> codec)
    : block_(block), codec_(std::move(codec)) {}

StoredObject::StoredObject(const StoredObject& other) noexcept : block_(other.block_), codec_(other.codec_) {
  if (block_ != nullptr) detail::Retain(block_);
}

StoredObject& StoredObject::operator=(const StoredObject& other) noexcept {
  StoredObject copy(other);
  std::swap(block_, copy.block_);
  std::swap(codec_, copy.codec_);
  return *this;
}

StoredObject::StoredObject(StoredObject&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)), codec_(std::move(other.codec_)) {}

StoredObject& StoredObject::operator=(StoredObject&& other) noexcept {
  std::swap(block_, other.block_);
  std::swap(codec_, other.codec_);
  return *this;
}

StoredObject::~StoredObject() {
  if (block_ != nullptr) detail::Release(block_);
}

kube::ObjectKey StoredObject::key() const { return {std::string(namespace_()), std::string(name())}; }
std::string_view StoredObject::namespace_() const { return block_->namespace_(); }
std::string_view StoredObject::name() const { return block_->name(); }
std::string_view StoredObject::uid() const { return block_->uid(); }
std::uint64_t StoredObject::version() const { return block_->version; }
std::int64_t StoredObject::generation() const { return block_->generation; }
bool StoredObject::deleting() const { return block_->deleting; }
std::uint32_t StoredObject::intent_digest() const { return block_->intent_digest; }

void StoredObject::ForEachLabel(const std::function<void(std::string_view, std::string_view)>& visit) const {
  std::string_view rest = block_->labels();
  while (!rest.empty()) {
    const std::string_view key = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(key.size() + 1);
    const std::string_view value = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(value.size() + 1);
    visit(key, value);
  }
}

std::optional<std::string_view> StoredObject::Label(std::string_view key) const {
  std::optional<std::string_view> found;
  ForEachLabel([&](std::string_view k, std::string_view v) {
    if (k == key) found = v;
  });
  return found;
}

Result<kube::Object> StoredObject::Load() const {
  CAPSTAN_TRY(std::string text, codec_->Decode(block_->encoding, block_->encoded(), block_->text_size));
  return kube::Object::Parsed(std::move(text));
}

}  // namespace capstan::runtime
