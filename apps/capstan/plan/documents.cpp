#include <capstan/apps/capstan/plan/documents.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/custom_resource.hpp>

namespace capstan::app {
namespace {

constexpr int kDepth = 100;  // nesting, the limit of the API server

// Splits at lines that start with "---", as kubectl does.
std::vector<std::string> SplitDocuments(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const std::string& line : Split(text, '\n')) {
    if (line.rfind("---", 0) == 0) {
      parts.emplace_back();
      const std::string rest(Trim(std::string_view(line).substr(3)));
      if (!rest.empty() && rest[0] != '#') parts.back() = rest + "\n";
    } else {
      parts.back() += line + "\n";
    }
  }
  return parts;
}

Result<json::Tree> ParseDocument(const std::string& text) {
  if (Trim(text).substr(0, 1) == "{") return json::ParseTree(text, kDepth);
  return json::ParseYaml(text, {.depth = kDepth});
}

std::string OneLine(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

class Reader {
 public:
  Reader(std::string origin, const std::string& only, const std::string& otherwise)
      : origin_(std::move(origin)), only_(only), otherwise_(otherwise) {}

  Status Read(const std::string& text, std::size_t number) {
    const std::string where = StrCat("document ", number, " of ", origin_);
    auto tree = ParseDocument(text);
    if (!tree)
      return Fail(tree.error().code,
                  StrCat(where, " is neither YAML nor JSON: ", OneLine(tree.error().message)));
    if (json::IsNull(*tree)) return {};  // only comments
    const auto object = json::AsObject(*tree);
    if (!object)
      return Fail(Code::kInvalidArgument,
                  StrCat(where, " is no object: it needs apiVersion, kind and metadata"));
    return Take(object, where);
  }

  std::vector<Document> documents;

 private:
  Status Take(const json::ObjectPtr& object, const std::string& where) {
    const auto kind = json::StringIn(object, "kind"), version = json::StringIn(object, "apiVersion");
    if (!kind || !version)
      return Fail(Code::kInvalidArgument, StrCat(where, " has no ", kind ? "apiVersion" : "kind"));
    if (const auto items = json::ArrayIn(object, "items"); items && !object->has("metadata"))
      return TakeAll(items, where);
    if (const auto items = json::ArrayIn(object, "items"); items && *kind == "List")
      return TakeAll(items, where);
    auto metadata = json::ObjectIn(object, "metadata");
    if (json::StringIn(metadata, "name").value_or("").empty())
      return Fail(Code::kInvalidArgument, StrCat(where, " has no metadata.name"));
    const std::string named = json::StringIn(metadata, "namespace").value_or("");
    if (!named.empty() && !only_.empty() && named != only_) {
      return Fail(Code::kInvalidArgument,
                  StrCat(where, " is for namespace ", named, ", and --namespace says ", only_,
                         ": leave one of them out"));
    }
    if (named.empty()) metadata->set("namespace", otherwise_);
    auto parsed = kube::Object::Parse(json::ToText(object));
    if (!parsed) return Fail(Code::kInvalidArgument, StrCat(where, ": ", OneLine(parsed.error().message)));
    documents.push_back({*version, *kind, std::move(*parsed)});
    return {};
  }

  Status TakeAll(const json::ArrayPtr& items, const std::string& where) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string item = StrCat("item ", i + 1, " of ", where);
      const auto object = json::AsObject(items->get(static_cast<unsigned>(i)));
      if (!object) return Fail(Code::kInvalidArgument, item + " is no object");
      CAPSTAN_RETURN_IF_ERROR(Take(object, item));
    }
    return {};
  }

  const std::string origin_;
  const std::string& only_;
  const std::string& otherwise_;
};

constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";

// Adds a null for everything in `before` that is not in `wanted`: a merge patch then removes it.
void RemoveWhatIsLeftOut(const json::ObjectPtr& before, json::ObjectPtr wanted) {
  for (const std::string& key : before->getNames()) {
    if (!wanted->has(key)) {
      wanted->set(key, json::Tree());
    } else if (const auto inner = json::ObjectIn(before, key)) {
      if (auto same = json::ObjectIn(wanted, key)) RemoveWhatIsLeftOut(inner, same);
    }
  }
}

Result<std::string> AfterApply(const Document& document, const kube::Object* live) {
  if (live == nullptr) return document.object.json();
  CAPSTAN_TRY(json::ObjectPtr patch, json::ParseObject(document.object.json()));
  patch->remove("status");
  if (const auto last = live->Annotation(kLastApplied)) {
    // A malformed annotation, written by another tool, is not an error here: kubectl would report
    // it.
    if (auto before = json::ParseObject(*last)) {
      (*before)->remove("status");
      RemoveWhatIsLeftOut(*before, patch);
    }
  }
  return json::MergePatch(live->json(), json::ToText(patch));
}

}  // namespace

Result<std::vector<Document>> ReadDocuments(std::string_view text, const std::string& origin,
                                            const std::string& only, const std::string& otherwise) {
  Reader reader(origin, only, otherwise);
  std::size_t number = 0;
  // JSON is a single document, and its strings can contain "---".
  const auto parts =
      Trim(text).substr(0, 1) == "{" ? std::vector<std::string>{std::string(text)} : SplitDocuments(text);
  for (const std::string& part : parts) {
    if (Trim(part).empty()) continue;
    CAPSTAN_RETURN_IF_ERROR(reader.Read(part, ++number));
  }
  if (reader.documents.empty()) return Fail(Code::kInvalidArgument, origin + " holds no object");
  return std::move(reader.documents);
}

Result<kube::Object> Admit(const Document& document, const std::string& crd, const kube::Object* live) {
  CAPSTAN_TRY(const std::string applied, AfterApply(document, live));
  const std::string version = document.api_version.substr(document.api_version.find('/') + 1);
  auto admitted = apiserver::AdmitCustomResource(crd, version, applied,
                                                 live == nullptr ? "" : std::string_view(live->json()));
  if (!admitted) return Fail(admitted.error().code, OneLine(admitted.error().message));
  return kube::Object::Parse(*admitted);
}

}  // namespace capstan::app
