// Resource describes one served kind: its names, its versions and its special behaviour.
//
// Immutable once built and shared by all requests; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/api/user.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>
#include <capstan/local/apiserver/schema/tables/types.hpp>
#include <capstan/local/apiserver/table/printer.hpp>

namespace capstan::apiserver {

// The circumstances of a write.
struct WriteMoment {
  std::string now;             // RFC 3339, seconds
  const User* user = nullptr;  // the writing user; null: this server itself
  std::string_view subresource = {};
};

// What a built-in kind does beyond the general rules. Null members do nothing.
struct Strategy {
  // Sets the fields that Kubernetes sets before validation. `old` is null at creation.
  void (*prepare)(json::ObjectPtr fresh, json::ObjectPtr old, const WriteMoment& moment) = nullptr;
  // The rules of the kind, for a write through `subresource` ("": the object itself).
  std::vector<FieldError> (*validate)(json::ObjectPtr fresh, json::ObjectPtr old,
                                      std::string_view subresource) = nullptr;
  // Converts between the stored version and another one, for kinds with two shapes (events).
  void (*to_version)(json::ObjectPtr object, std::string_view version) = nullptr;
  void (*from_version)(json::ObjectPtr object, std::string_view version) = nullptr;
  // Checks the name of an object and returns the problem, or "". Null: names must be RFC 1123
  // subdomains.
  std::string (*check_name)(std::string_view name) = nullptr;
};

struct ScalePaths {
  std::string spec_replicas, status_replicas, label_selector;  // JSON paths such as ".spec.replicas"
};

struct Version {
  std::string name;
  bool served = true;
  bool status = false;  // has the status subresource
  std::optional<ScalePaths> scale;
  bool deprecated = false;
  std::string deprecation_warning;
  const CompiledSchema* schema = nullptr;              // null: accepts any content
  const BuiltinType* type = nullptr;                   // of a built-in kind whose rules come from the tables
  std::shared_ptr<const CompiledSchema> schema_owner;  // keeps the schema of a CRD alive
  json::ObjectPtr open_api;                            // of a CRD, for the OpenAPI documents
  std::shared_ptr<const TablePrinter> table;
  std::vector<std::string> selectable_fields;  // "spec.region": field selectors beyond metadata
};

struct Resource {
  std::string group;  // "" is core
  std::string plural, singular, kind, list_kind;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool custom = false;               // defined by a CRD
  bool has_generation = false;       // metadata.generation counts changes of the spec
  bool create_on_update = false;     // PUT of a missing object creates it
  bool unconditional_update = true;  // PUT without resourceVersion is allowed
  bool delete_collection = true;
  bool terminating = false;  // its CRD is being deleted: creation is refused
  bool finalize_subresource = false;
  // Further subresources: "binding", "eviction" and "token", which accept POST, and parts of the
  // object with endpoints of their own: "approval", "ephemeralcontainers", "resize".
  std::vector<std::string> actions = {};
  // spec.conversion.webhook of a CRD when versions can be converted only by this webhook; null: no
  // webhook needed.
  json::ObjectPtr conversion_webhook = {};
  // Objects stored up to this revision may lack defaults that the CRD has gained since; reads add
  // them.
  std::uint64_t defaults_since = 0;
  Strategy strategy;
  std::string storage_version;
  std::vector<Version> versions;  // in order of preference
  std::string key_prefix;         // "/registry/GROUP/PLURAL/"
  // The apiVersion in the stored text; that of another group where two groups share a store
  // (events).
  std::string stored_api_version;

  const Version* Find(std::string_view version) const;
  const Version* FindServed(std::string_view version) const;
  std::string Qualified() const { return QualifiedResource(group, plural); }
  std::string QualifiedKind() const { return QualifiedResource(group, kind); }
  std::string ApiVersion(std::string_view version) const;
  std::string Key(std::string_view namespace_, std::string_view name) const;
  // An empty namespace means the whole resource.
  std::string NamespacePrefix(std::string_view namespace_) const;
};
using ResourcePtr = std::shared_ptr<const Resource>;

}  // namespace capstan::apiserver
