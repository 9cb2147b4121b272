// Object is one Kubernetes object as the bytes that the server sent, with parsed metadata. A value.
// It is never round-tripped through a tree: changes are sent as patches.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/kind.hpp>

namespace capstan::kube {

class Object {
 public:
  // Errors: kDataLoss when the text is not an object with metadata.
  static Result<Object> Parse(std::string json);

  const std::string& json() const { return *json_; }
  const json::Metadata& metadata() const { return *metadata_; }
  ObjectKey key() const { return {metadata_->namespace_, metadata_->name}; }
  const std::string& uid() const { return metadata_->uid; }
  const std::string& resource_version() const { return metadata_->resource_version; }
  std::int64_t generation() const { return metadata_->generation; }
  bool deleting() const { return !metadata_->deletion_timestamp.empty(); }

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
  Object(std::shared_ptr<const std::string> json, std::shared_ptr<const json::Metadata> metadata);
  std::shared_ptr<const std::string> json_;  // shared, so that copying an Object is cheap
  std::shared_ptr<const json::Metadata> metadata_;
};

}  // namespace capstan::kube
