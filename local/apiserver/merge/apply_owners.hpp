// Reads and writes the entries of metadata.managedFields. For the apply files only. Values;
// thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>

namespace capstan::apiserver {

// One field manager and the fields that it owns.
struct FieldOwner {
  std::string manager, operation, api_version, subresource, time;
  FieldSet fields;

  bool Is(const FieldOwner& other) const {
    return manager == other.manager && operation == other.operation && subresource == other.subresource &&
           (operation == "Apply" || api_version == other.api_version);
  }
};

// Whether `managed` is a list of well-formed entries.
bool IsWellFormed(const json::ArrayPtr& managed);
std::vector<FieldOwner> ReadOwners(const json::ArrayPtr& managed);
// Omits entries that own nothing. Kubernetes' order: Apply first, then by time, manager, version,
// subresource.
json::ArrayPtr WriteOwners(std::vector<FieldOwner> owners);

}  // namespace capstan::apiserver
