// The kinds that plugins serve, with all their names: the subject of `capstan plan`. Values and
// pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::app {

struct ServedKind {
  external::KindInfo info;
  // Lower case: kind, plural, and singular and short names from the CRD; each also with ".group".
  std::vector<std::string> names;
  std::string crd;  // JSON; empty when the plugin has no CRD for this kind
  external::Provider* provider = nullptr;
};

// The kinds of one provider, which must outlive them.
std::vector<ServedKind> KindsOf(external::Provider& provider);

// Finds a kind by any of its names, in any case; null when no plugin serves it.
const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view name);
// Finds a kind by apiVersion and kind of a document.
const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view api_version,
                           std::string_view kind);
// "DigitalOceanCluster (doks), Box": for messages.
std::string KindNames(const std::vector<ServedKind>& kinds);

// The parsed argument of `capstan plan`.
struct Subject {
  const ServedKind* kind = nullptr;  // of an object in the cluster; null: a file
  std::string name;                  // of that object
  std::string path;                  // of the file; "-": standard input
};

// KIND/NAME if KIND is served, otherwise a file; ./KIND/NAME is always a file. Errors, one line:
// kNotFound (no such file, unknown kind), kInvalidArgument (not a valid name).
Result<Subject> ParseSubject(const std::string& argument, const std::vector<ServedKind>& kinds, Files& files);

}  // namespace capstan::app
