// ObjectMeta is the metadata of an object as a typed value. managedFields and other fields that it
// does not list stay in unknown_fields. A value type.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/typed/values.hpp>

namespace capstan::typed {

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  std::optional<bool> controller;
  std::optional<bool> block_owner_deletion;
  Json unknown_fields;

  template <class Self, class Visitor>
  static void VisitFields(Self& self, Visitor& visitor) {
    visitor.Required("apiVersion", self.api_version);
    visitor.Required("kind", self.kind);
    visitor.Required("name", self.name);
    visitor.Required("uid", self.uid);
    visitor.Optional("controller", self.controller);
    visitor.Optional("blockOwnerDeletion", self.block_owner_deletion);
  }
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

// Every field is optional, as in the API: an object that is yet to be created has no uid.
struct ObjectMeta {
  std::optional<std::string> name;
  std::optional<std::string> generate_name;
  std::optional<std::string> namespace_;
  std::optional<std::map<std::string, std::string>> labels;
  std::optional<std::map<std::string, std::string>> annotations;
  std::optional<std::vector<std::string>> finalizers;
  std::optional<std::vector<OwnerReference>> owner_references;
  std::optional<std::string> uid;
  std::optional<std::string> resource_version;
  std::optional<std::int64_t> generation;
  std::optional<Time> creation_timestamp;
  std::optional<Time> deletion_timestamp;
  Json unknown_fields;

  template <class Self, class Visitor>
  static void VisitFields(Self& self, Visitor& visitor) {
    visitor.Optional("name", self.name);
    visitor.Optional("generateName", self.generate_name);
    visitor.Optional("namespace", self.namespace_);
    visitor.Optional("labels", self.labels);
    visitor.Optional("annotations", self.annotations);
    visitor.Optional("finalizers", self.finalizers);
    visitor.Optional("ownerReferences", self.owner_references);
    visitor.Optional("uid", self.uid);
    visitor.Optional("resourceVersion", self.resource_version);
    visitor.Optional("generation", self.generation);
    visitor.Optional("creationTimestamp", self.creation_timestamp);
    visitor.Optional("deletionTimestamp", self.deletion_timestamp);
  }
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

}  // namespace capstan::typed
