// Resource is one kind of thing the server serves: its names, its versions, and what is special
// about it.
//
// Immutable once made, shared by all requests; thread-safe.
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

// What every write needs to know about the moment it happens in.
struct WriteMoment {
  std::string now;             // RFC 3339, seconds
  const User* user = nullptr;  // who writes; null: this server
  std::string_view subresource = {};
};

// What a built-in kind does beyond the rules that hold for all. Null members do nothing.
struct Strategy {
  // Fills in what Kubernetes fills in, before validation. `old` is null at creation.
  void (*prepare)(json::ObjectPtr fresh, json::ObjectPtr old, const WriteMoment& moment) = nullptr;
  // The rules of the kind, for a write through `subresource` ("": the object itself).
  std::vector<FieldError> (*validate)(json::ObjectPtr fresh, json::ObjectPtr old,
                                      std::string_view subresource) = nullptr;
  // Between the stored version and another one, for kinds that have two shapes (events).
  void (*to_version)(json::ObjectPtr object, std::string_view version) = nullptr;
  void (*from_version)(json::ObjectPtr object, std::string_view version) = nullptr;
  // Names of objects: RFC 1123 subdomain unless it says otherwise. Returns what is wrong, or "".
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
  const CompiledSchema* schema = nullptr;              // null: anything goes
  const BuiltinType* type = nullptr;                   // of a built-in kind whose rules are the tables'
  std::shared_ptr<const CompiledSchema> schema_owner;  // keeps a CRD's schema alive
  json::ObjectPtr open_api;                            // of a CRD, for the OpenAPI documents
  std::shared_ptr<const TablePrinter> table;
  std::vector<std::string> selectable_fields;  // "spec.region": field selectors beyond metadata
};

struct Resource {
  std::string group;  // "" is core
  std::string plural, singular, kind, list_kind;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool custom = false;               // comes from a CRD
  bool has_generation = false;       // metadata.generation counts changes of the spec
  bool create_on_update = false;     // PUT of a missing object creates it
  bool unconditional_update = true;  // PUT without resourceVersion is allowed
  bool delete_collection = true;
  bool terminating = false;  // its CRD is being deleted: nothing can be created
  bool finalize_subresource = false;
  // Further subresources: "binding", "eviction" and "token", which are POSTed to, and parts of the
  // object that are written by themselves: "approval", "ephemeralcontainers", "resize".
  std::vector<std::string> actions = {};
  // spec.conversion.webhook of a CRD: only this can turn one version into another; null: none
  // needed.
  json::ObjectPtr conversion_webhook = {};
  // Objects stored up to this revision may lack defaults that the CRD has gained since: they are
  // shown when read.
  std::uint64_t defaults_since = 0;
  Strategy strategy;
  std::string storage_version;
  std::vector<Version> versions;  // in order of preference
  std::string key_prefix;         // "/registry/GROUP/PLURAL/"
  // Of the stored text; another group's where two groups share a store (events).
  std::string stored_api_version;

  const Version* Find(std::string_view version) const;
  const Version* FindServed(std::string_view version) const;
  std::string Qualified() const { return QualifiedResource(group, plural); }
  std::string QualifiedKind() const { return QualifiedResource(group, kind); }
  std::string ApiVersion(std::string_view version) const;
  std::string Key(std::string_view namespace_, std::string_view name) const;
  std::string NamespacePrefix(std::string_view namespace_) const;  // "" namespace: the whole resource
};
using ResourcePtr = std::shared_ptr<const Resource>;

}  // namespace capstan::apiserver
