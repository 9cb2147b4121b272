// Private to this folder: kubeconfig files as YAML, merged, with the file and line of everything
// kept for messages.
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

// One named cluster, user or context: a YAML mapping and where it stands. A value.
class KubeconfigEntry {
 public:
  KubeconfigEntry() = default;
  KubeconfigEntry(std::string label, std::string file, json::YamlNode node);

  bool Has(const char* key) const;
  // "" when absent or null. Errors: kInvalidArgument (not a scalar).
  Result<std::string> Text(const char* key) const;
  // false when absent. Errors: kInvalidArgument (neither true nor false).
  Result<bool> Flag(const char* key) const;
  // Texts of a sequence; none when absent.
  Result<std::vector<std::string>> Texts(const char* key) const;
  // Content given inline in base64 under `data_key`, else read from the file named under
  // `file_key`; "" when neither.
  Result<std::string> Content(Files& files, const char* data_key, const char* file_key) const;
  // The file that Content reads; "" when it reads none.
  Result<std::string> ContentFile(const char* data_key, const char* file_key) const;
  // A mapping below this one; an empty entry when absent.
  Result<KubeconfigEntry> Section(const char* key) const;
  std::vector<std::string> Keys() const;
  // Entries of a sequence of mappings.
  Result<std::vector<KubeconfigEntry>> Sections(const char* key) const;
  // The node under a key, as JSON.
  Result<std::string> Json(const char* key) const;
  // A path of this file: relative ones start at the file's folder.
  std::string Resolve(const std::string& path) const;

  Failure Bad(const char* key, std::string_view what) const;
  const std::string& label() const { return label_; }
  const std::string& file() const { return file_; }

 private:
  // The value of a key; null when it is absent or null.
  const json::YamlNode* At(const char* key) const;
  std::string label_;  // user "admin"
  std::string file_;
  json::YamlNode node_;
};

struct Kubeconfig {
  std::vector<std::string> files;  // those that were there
  std::string current_context;
  std::map<std::string, KubeconfigEntry> clusters, users, contexts;
};

// See LoadKubeconfig for the rules and errors.
Result<Kubeconfig> ReadKubeconfigs(Files& files, const std::vector<std::string>& paths);

}  // namespace capstan::kube
