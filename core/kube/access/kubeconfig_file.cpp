#include <capstan/core/kube/access/kubeconfig_file.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::kube {
namespace {

constexpr std::size_t kFileLimit = std::size_t{8} << 20;

Failure BadFile(const std::string& file, std::size_t line, std::string_view what) {
  return Fail(Code::kInvalidArgument,
              StrCat("kubeconfig ", file, ": ", line == 0 ? "" : StrCat("line ", line, ": "), what));
}

bool IsMapping(const json::YamlNode* node) {
  return node != nullptr && node->kind == json::YamlNode::Kind::kMapping;
}
bool IsSequence(const json::YamlNode* node) {
  return node != nullptr && node->kind == json::YamlNode::Kind::kSequence;
}
// The value of a key, unless it is null.
const json::YamlNode* Given(const json::YamlNode& mapping, std::string_view key) {
  const json::YamlNode* found = mapping.Find(key);
  return found == nullptr || found->kind == json::YamlNode::Kind::kNull ? nullptr : found;
}

std::string FolderOf(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return "";
  return file.substr(0, slash + 1);
}

// Adds the entries of one of the three lists; names that exist already are skipped.
Status Collect(const std::string& file, const json::YamlNode& root, const char* list_key,
               const char* entry_key, std::map<std::string, KubeconfigEntry>& into) {
  const json::YamlNode* list = Given(root, list_key);
  if (list == nullptr) return {};
  if (!IsSequence(list)) return BadFile(file, list->line, StrCat(list_key, " is not a list"));
  std::set<std::string> own;
  for (const json::YamlNode& item : list->items) {
    if (!IsMapping(&item))
      return BadFile(file, item.line, StrCat("an entry of ", list_key, " is not a mapping"));
    const json::YamlNode* name = Given(item, "name");
    if (name == nullptr || !name->IsScalar() || name->text.empty()) {
      return BadFile(file, item.line, StrCat("an entry of ", list_key, " has no name"));
    }
    if (!own.insert(name->text).second) {
      return BadFile(file, item.line,
                     StrCat("there are two ", list_key, " called \"", name->text, "\": remove one of them"));
    }
    const json::YamlNode* value = Given(item, entry_key);
    if (value != nullptr && !IsMapping(value)) {
      return BadFile(file, value->line, StrCat(entry_key, " \"", name->text, "\" is not a mapping"));
    }
    into.try_emplace(name->text, StrCat(entry_key, " \"", name->text, "\""), file,
                     value == nullptr ? json::YamlNode() : *value);
  }
  return {};
}

Status Merge(const std::string& file, const std::string& text, Kubeconfig& into) {
  const auto document = json::ReadYaml(text);
  // "yaml: line 3: ..." already contains the line.
  if (!document)
    return Fail(document.error().code,
                StrCat("kubeconfig ", file, ": it is not YAML: ", document.error().message));
  if (!document->repeated.empty()) {
    const auto& key = document->repeated.front();
    return BadFile(file, key.line, StrCat(key.path, " is given twice: remove one of the two"));
  }
  const json::YamlNode& root = document->root;
  if (root.kind == json::YamlNode::Kind::kNull) return {};
  if (!IsMapping(&root)) return BadFile(file, root.line, "it is not a kubeconfig: no YAML mapping");
  const json::YamlNode* current = Given(root, "current-context");
  if (into.current_context.empty() && current != nullptr && current->IsScalar())
    into.current_context = current->text;
  CAPSTAN_RETURN_IF_ERROR(Collect(file, root, "clusters", "cluster", into.clusters));
  CAPSTAN_RETURN_IF_ERROR(Collect(file, root, "users", "user", into.users));
  return Collect(file, root, "contexts", "context", into.contexts);
}

}  // namespace

KubeconfigEntry::KubeconfigEntry(std::string label, std::string file, json::YamlNode node)
    : label_(std::move(label)), file_(std::move(file)), node_(std::move(node)) {}

const json::YamlNode* KubeconfigEntry::At(const char* key) const { return Given(node_, key); }

Failure KubeconfigEntry::Bad(const char* key, std::string_view what) const {
  const json::YamlNode* found = node_.Find(key);
  return BadFile(file_, found == nullptr ? node_.line : found->line, StrCat(label_, ": ", key, " ", what));
}

bool KubeconfigEntry::Has(const char* key) const { return At(key) != nullptr; }

Result<std::string> KubeconfigEntry::Text(const char* key) const {
  const json::YamlNode* found = At(key);
  if (found == nullptr) return std::string();
  if (!found->IsScalar()) return Bad(key, "is not text");
  return found->text;
}

Result<bool> KubeconfigEntry::Flag(const char* key) const {
  const json::YamlNode* found = At(key);
  if (found == nullptr) return false;
  if (found->kind == json::YamlNode::Kind::kBoolean) return found->value.extract<bool>();
  // Also accepted in quotes.
  if (found->text == "true") return true;
  if (found->IsScalar() && (found->text.empty() || found->text == "false")) return false;
  return Bad(key, "is neither true nor false");
}

Result<std::vector<std::string>> KubeconfigEntry::Texts(const char* key) const {
  const json::YamlNode* found = At(key);
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  if (!IsSequence(found)) return Bad(key, "is not a list");
  for (const json::YamlNode& item : found->items) {
    if (!item.IsScalar()) return Bad(key, "holds something that is not text");
    texts.push_back(item.text);
  }
  return texts;
}

Result<std::string> KubeconfigEntry::Content(Files& files, const char* data_key, const char* file_key) const {
  CAPSTAN_TRY(const std::string data, Text(data_key));
  if (!data.empty()) {
    std::string packed = data, content;
    packed.erase(std::remove_if(packed.begin(), packed.end(),
                                [](char c) { return c == '\n' || c == '\r' || c == ' '; }),
                 packed.end());
    if (!Base64Decode(packed, content)) return Bad(data_key, "is not base64");
    return content;
  }
  CAPSTAN_TRY(const std::string path, ContentFile(data_key, file_key));
  if (path.empty()) return std::string();
  auto content = files.Read(path, kFileLimit);
  if (!content)
    return Annotate(std::move(content).error(), StrCat("kubeconfig ", file_, ": ", label_, ": ", file_key));
  return content;
}

Result<std::string> KubeconfigEntry::ContentFile(const char* data_key, const char* file_key) const {
  CAPSTAN_TRY(const std::string data, Text(data_key));
  if (!data.empty()) return std::string();
  CAPSTAN_TRY(const std::string path, Text(file_key));
  return Resolve(path);
}

Result<KubeconfigEntry> KubeconfigEntry::Section(const char* key) const {
  const json::YamlNode* found = At(key);
  if (found == nullptr) return KubeconfigEntry(label_, file_, json::YamlNode());
  if (!IsMapping(found)) return Bad(key, "is not a mapping");
  return KubeconfigEntry(StrCat(label_, ": ", key), file_, *found);
}

std::vector<std::string> KubeconfigEntry::Keys() const { return node_.keys; }

Result<std::vector<KubeconfigEntry>> KubeconfigEntry::Sections(const char* key) const {
  const json::YamlNode* found = At(key);
  std::vector<KubeconfigEntry> sections;
  if (found == nullptr) return sections;
  if (!IsSequence(found)) return Bad(key, "is not a list");
  for (const json::YamlNode& item : found->items) {
    if (!IsMapping(&item)) return Bad(key, "holds something that is not a mapping");
    sections.emplace_back(StrCat(label_, ": ", key), file_, item);
  }
  return sections;
}

Result<std::string> KubeconfigEntry::Json(const char* key) const {
  const json::YamlNode* found = At(key);
  return found == nullptr ? "null" : json::ToText(json::ToTree(*found));
}

std::string KubeconfigEntry::Resolve(const std::string& path) const {
  return path.empty() || path.front() == '/' ? path : FolderOf(file_) + path;
}

Result<Kubeconfig> ReadKubeconfigs(Files& files, const std::vector<std::string>& paths) {
  Kubeconfig merged;
  for (const std::string& path : paths) {
    auto text = files.Read(path, kFileLimit);
    if (!text && text.error().code == Code::kNotFound) continue;
    if (!text) return Annotate(std::move(text).error(), "kubeconfig");
    CAPSTAN_RETURN_IF_ERROR(Merge(path, *text, merged));
    merged.files.push_back(path);
  }
  if (merged.files.empty()) {
    return Fail(Code::kNotFound, StrCat("kubeconfig ", Join(paths, ", "), ": no such file"));
  }
  return merged;
}

}  // namespace capstan::kube
