#include <capstan/core/kube/access/kubeconfig_file.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::kube {
namespace {

constexpr std::size_t kFileLimit = std::size_t{8} << 20;
constexpr int kDepth = 64;

std::string Line(const YAML::Mark& mark) {
  return mark.is_null() ? "" : StrCat("line ", mark.line + 1, ": ");
}

Failure BadFile(const std::string& file, const YAML::Mark& mark, std::string_view what) {
  return Fail(Code::kInvalidArgument, StrCat("kubeconfig ", file, ": ", Line(mark), what));
}

std::string FolderOf(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return "";
  return file.substr(0, slash + 1);
}

// A scalar as JSON: what YAML 1.2's core schema takes for null, booleans and numbers is one, unless
// it was quoted.
void AppendScalar(const YAML::Node& node, std::string& out) {
  const std::string& text = node.Scalar();
  const bool plain = node.Tag() == "?";
  const bool word = plain && (text == "true" || text == "false" || text == "null");
  const bool digits = plain && !text.empty() && text.size() < 18 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
                      (text.size() == 1 || text.front() != '0');
  out += word || digits ? text : json::Quote(text);
}

bool AppendJson(const YAML::Node& node, int depth, std::string& out) {
  if (depth > kDepth) return false;
  if (node.IsMap()) {
    out += '{';
    for (const auto& pair : node) {
      if (out.back() != '{') out += ',';
      if (!pair.first.IsScalar()) return false;
      out += json::Quote(pair.first.Scalar()) + ":";
      if (!AppendJson(pair.second, depth + 1, out)) return false;
    }
    out += '}';
  } else if (node.IsSequence()) {
    out += '[';
    for (const auto& item : node) {
      if (out.back() != '[') out += ',';
      if (!AppendJson(item, depth + 1, out)) return false;
    }
    out += ']';
  } else if (node.IsScalar()) {
    AppendScalar(node, out);
  } else {
    out += "null";
  }
  return true;
}

// Adds the entries of one of the three lists; names known already stay as they are.
Status Collect(const std::string& file, const YAML::Node& root, const char* list_key, const char* entry_key,
               std::map<std::string, KubeconfigEntry>& into) {
  const YAML::Node list = root[list_key];
  if (!list.IsDefined() || list.IsNull()) return {};
  if (!list.IsSequence()) return BadFile(file, list.Mark(), StrCat(list_key, " is not a list"));
  std::set<std::string> own;
  for (const YAML::Node& item : list) {
    if (!item.IsMap())
      return BadFile(file, item.Mark(), StrCat("an entry of ", list_key, " is not a mapping"));
    const YAML::Node name = item["name"];
    if (!name.IsDefined() || !name.IsScalar() || name.Scalar().empty()) {
      return BadFile(file, item.Mark(), StrCat("an entry of ", list_key, " has no name"));
    }
    if (!own.insert(name.Scalar()).second) {
      return BadFile(
          file, item.Mark(),
          StrCat("there are two ", list_key, " called \"", name.Scalar(), "\": remove one of them"));
    }
    const YAML::Node value = item[entry_key];
    if (value.IsDefined() && !value.IsNull() && !value.IsMap()) {
      return BadFile(file, value.Mark(), StrCat(entry_key, " \"", name.Scalar(), "\" is not a mapping"));
    }
    into.try_emplace(name.Scalar(), StrCat(entry_key, " \"", name.Scalar(), "\""), file,
                     value.IsDefined() && value.IsMap() ? value : YAML::Node(YAML::NodeType::Map));
  }
  return {};
}

Status Merge(const std::string& file, const std::string& text, Kubeconfig& into) {
  const YAML::Node root = YAML::Load(text);
  if (root.IsNull()) return {};
  if (!root.IsMap()) return BadFile(file, root.Mark(), "it is not a kubeconfig: no YAML mapping");
  const YAML::Node current = root["current-context"];
  if (into.current_context.empty() && current.IsDefined() && current.IsScalar()) {
    into.current_context = current.Scalar();
  }
  CAPSTAN_RETURN_IF_ERROR(Collect(file, root, "clusters", "cluster", into.clusters));
  CAPSTAN_RETURN_IF_ERROR(Collect(file, root, "users", "user", into.users));
  return Collect(file, root, "contexts", "context", into.contexts);
}

}  // namespace

KubeconfigEntry::KubeconfigEntry(std::string label, std::string file, const YAML::Node& node)
    : label_(std::move(label)), file_(std::move(file)), node_(node) {}

YAML::Node KubeconfigEntry::At(const char* key) const {
  const YAML::Node found = std::as_const(node_)[key];
  return found.IsDefined() ? found : YAML::Node();
}

Failure KubeconfigEntry::Bad(const char* key, std::string_view what) const {
  const YAML::Node found = std::as_const(node_)[key];
  return BadFile(file_, found.IsDefined() ? found.Mark() : node_.Mark(),
                 StrCat(label_, ": ", key, " ", what));
}

bool KubeconfigEntry::Has(const char* key) const { return !At(key).IsNull(); }

Result<std::string> KubeconfigEntry::Text(const char* key) const {
  const YAML::Node found = At(key);
  if (found.IsNull()) return std::string();
  if (!found.IsScalar()) return Bad(key, "is not text");
  return found.Scalar();
}

Result<bool> KubeconfigEntry::Flag(const char* key) const {
  CAPSTAN_TRY(const std::string text, Text(key));
  // YAML 1.1, which kubectl reads, has more words for it than 1.2.
  const std::string word = ToLower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "y") return true;
  if (word.empty() || word == "false" || word == "no" || word == "off" || word == "n") return false;
  return Bad(key, "is neither true nor false");
}

Result<std::vector<std::string>> KubeconfigEntry::Texts(const char* key) const {
  const YAML::Node found = At(key);
  std::vector<std::string> texts;
  if (found.IsNull()) return texts;
  if (!found.IsSequence()) return Bad(key, "is not a list");
  for (const YAML::Node& item : found) {
    if (!item.IsScalar()) return Bad(key, "holds something that is not text");
    texts.push_back(item.Scalar());
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
  const YAML::Node found = At(key);
  if (found.IsNull()) return KubeconfigEntry(label_, file_, YAML::Node(YAML::NodeType::Map));
  if (!found.IsMap()) return Bad(key, "is not a mapping");
  return KubeconfigEntry(StrCat(label_, ": ", key), file_, found);
}

std::vector<std::string> KubeconfigEntry::Keys() const {
  std::vector<std::string> keys;
  for (const auto& pair : node_) {
    if (pair.first.IsScalar()) keys.push_back(pair.first.Scalar());
  }
  return keys;
}

Result<std::vector<KubeconfigEntry>> KubeconfigEntry::Sections(const char* key) const {
  const YAML::Node found = At(key);
  std::vector<KubeconfigEntry> sections;
  if (found.IsNull()) return sections;
  if (!found.IsSequence()) return Bad(key, "is not a list");
  for (const YAML::Node& item : found) {
    if (!item.IsMap()) return Bad(key, "holds something that is not a mapping");
    sections.emplace_back(StrCat(label_, ": ", key), file_, item);
  }
  return sections;
}

Result<std::string> KubeconfigEntry::Json(const char* key) const {
  std::string out;
  if (!AppendJson(At(key), 0, out)) return Bad(key, "cannot be carried as JSON");
  return out;
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
    try {
      CAPSTAN_RETURN_IF_ERROR(Merge(path, *text, merged));
    } catch (const YAML::Exception& error) {
      return BadFile(path, error.mark, "it is not YAML: " + error.msg);
    } catch (const std::exception& error) {
      return BadFile(path, YAML::Mark::null_mark(), std::string("it cannot be read: ") + error.what());
    }
    merged.files.push_back(path);
  }
  if (merged.files.empty()) {
    return Fail(Code::kNotFound, StrCat("kubeconfig ", Join(paths, ", "), ": no such file"));
  }
  return merged;
}

}  // namespace capstan::kube
