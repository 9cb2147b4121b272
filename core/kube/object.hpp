// Object is one Kubernetes object as the bytes that the server sent, with parsed metadata. A value.
// It is never round-tripped through a tree: changes are sent as patches. Thread-safe as values are:
// several threads can read one Object.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::kube {

class Object {
 public:
  // Errors: kDataLoss when the text is not an object with metadata.
  static Result<Object> Parse(std::string json);
  // The same for a text that Parse or json::ObjectScanner has accepted before, as in a cache: reads
  // the metadata when it is first asked for. Of any other text the metadata may be empty.
  static Object Parsed(std::string json);

  const std::string& json() const { return content_->json; }
  const json::Metadata& metadata() const;
  ObjectKey key() const { return {metadata().namespace_, metadata().name}; }
  const std::string& uid() const { return metadata().uid; }
  const std::string& resource_version() const { return metadata().resource_version; }
  std::int64_t generation() const { return metadata().generation; }
  bool deleting() const { return !metadata().deletion_timestamp.empty(); }

  bool HasFinalizer(std::string_view finalizer) const;
  // Nothing when absent.
  std::optional<std::string_view> Label(std::string_view key) const;
  std::optional<std::string_view> Annotation(std::string_view key) const;
  // See json::ValueAt and the related functions; a malformed pointer is a bug and returns nothing.
  std::optional<std::string> ValueAt(std::string_view pointer) const;
  std::optional<std::string> StringAt(std::string_view pointer) const;
  std::optional<std::int64_t> IntegerAt(std::string_view pointer) const;
  std::optional<bool> BooleanAt(std::string_view pointer) const;

 private:
  struct Content {
    explicit Content(std::string text) : json(std::move(text)) {}
    Content(const Content&) = delete;
    Content& operator=(const Content&) = delete;
    ~Content() { delete metadata.load(std::memory_order_relaxed); }
    const std::string json;
    // Null until it is read. std::call_once would cost a system call.
    mutable std::atomic<const json::Metadata*> metadata{nullptr};
  };
  explicit Object(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;  // shared, so that copying an Object is cheap
};

}  // namespace capstan::kube
