// Private to this folder: parsed and merged kubeconfig files, with file and line of everything for
// error messages.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/json/yaml.hpp>

namespace capstan::kube {

// One named cluster, user or context: a YAML mapping and its position. A value.
class KubeconfigEntry {
 public:
  KubeconfigEntry() = default;
  KubeconfigEntry(std::string label, std::string file, json::YamlNode node);

  bool Has(const char* key) const;
  // "" when absent or null. Errors: kInvalidArgument (not a scalar).
  Result<std::string> Text(const char* key) const;
  // false when absent. Errors: kInvalidArgument (neither true nor false).
  Result<bool> Flag(const char* key) const;
  // The strings in a sequence; empty when absent.
  Result<std::vector<std::string>> Texts(const char* key) const;
  // Base64 content inline under `data_key`, else the content of the file named under `file_key`; ""
  // when neither is set.
  Result<std::string> Content(Files& files, const char* data_key, const char* file_key) const;
  // The file that Content reads; "" if it reads none.
  Result<std::string> ContentFile(const char* data_key, const char* file_key) const;
  // The mapping under `key`; an empty entry when absent.
  Result<KubeconfigEntry> Section(const char* key) const;
  std::vector<std::string> Keys() const;
  // The entries of a sequence of mappings.
  Result<std::vector<KubeconfigEntry>> Sections(const char* key) const;
  // The node under `key`, as JSON.
  Result<std::string> Json(const char* key) const;
  // Resolves a path in this file: relative paths start at the folder of the file.
  std::string Resolve(const std::string& path) const;

  Failure Bad(const char* key, std::string_view what) const;
  const std::string& label() const { return label_; }
  const std::string& file() const { return file_; }

 private:
  // The value of a key; null when it is absent or null.
  const json::YamlNode* At(const char* key) const;
  std::string label_;  // e.g. user "admin"
  std::string file_;
  json::YamlNode node_;
};

struct Kubeconfig {
  std::vector<std::string> files;  // those that exist
  std::string current_context;
  std::map<std::string, KubeconfigEntry> clusters, users, contexts;
};

// See LoadKubeconfig for the rules and errors.
Result<Kubeconfig> ReadKubeconfigs(Files& files, const std::vector<std::string>& paths);

}  // namespace capstan::kube
