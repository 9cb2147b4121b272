// The kinds that plugins serve, by every name that people call them: what `capstan plan` was asked
// about. Values and pure functions.
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
  // Lower case: kind, plural, and from the CRD singular and short names; each of them also with
  // ".group".
  std::vector<std::string> names;
  std::string crd;  // JSON; empty when the plugin carries none for this kind
  external::Provider* provider = nullptr;
};

// The kinds of one provider, which must outlive them.
std::vector<ServedKind> KindsOf(external::Provider& provider);

// By any of its names, in any case; null when no plugin serves it.
const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view name);
// By the apiVersion and kind of a document.
const ServedKind* FindKind(const std::vector<ServedKind>& kinds, std::string_view api_version,
                           std::string_view kind);
// "DigitalOceanCluster (doks), Box": for messages.
std::string KindNames(const std::vector<ServedKind>& kinds);

// What the argument of `capstan plan` means.
struct Subject {
  const ServedKind* kind = nullptr;  // of an object in the cluster; null: a file
  std::string name;                  // of that object
  std::string path;                  // of the file; "-": standard input
};

// KIND/NAME where KIND is served, else a file; ./KIND/NAME is always a file. Errors, one line:
// kNotFound (no such file, unknown kind), kInvalidArgument (no such name).
Result<Subject> ParseSubject(const std::string& argument, const std::vector<ServedKind>& kinds, Files& files);

}  // namespace capstan::app
