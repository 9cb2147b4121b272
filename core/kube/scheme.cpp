#include <capstan/core/kube/scheme.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::kube {

Status Scheme::Add(std::type_index type, Kind kind, Codec codec) {
  if (kind.version.empty() || kind.kind.empty() || kind.plural.empty()) {
    return Fail(Code::kInvalidArgument, "a kind to register needs at least version, kind and plural");
  }
  const std::pair<std::string, std::string> name(kind.api_version(), kind.kind);
  if (types_.count(type) > 0 || kinds_.count(name) > 0) {
    return Fail(Code::kAlreadyExists, StrCat("the scheme already has ", name.second, " of ", name.first,
                                             " or a kind for that C++ type"));
  }
  kinds_.emplace(name, type);
  types_.emplace(type, Entry{std::move(kind), std::move(codec)});
  return {};
}

Result<Kind> Scheme::KindOf(std::type_index type) const {
  const auto found = types_.find(type);
  if (found != types_.end()) return found->second.kind;
  return Fail(Code::kNotFound, "the scheme knows no kind for this C++ type: Register it first");
}

Result<Kind> Scheme::Find(std::string_view api_version, std::string_view kind) const {
  const auto found = kinds_.find({std::string(api_version), std::string(kind)});
  if (found != kinds_.end()) return types_.at(found->second).kind;
  return Fail(Code::kNotFound, StrCat("the scheme knows no C++ type for ", kind, " of ", api_version));
}

std::vector<Kind> Scheme::Kinds() const {
  std::vector<Kind> kinds;
  for (const auto& [name, type] : kinds_) kinds.push_back(types_.at(type).kind);
  return kinds;
}

Result<std::any> Scheme::Decode(std::string_view json) const {
  CAPSTAN_TRY(const json::Metadata metadata, json::ScanMetadata(json));
  const auto found = kinds_.find({metadata.api_version, metadata.kind});
  if (found == kinds_.end()) {
    return Fail(Code::kNotFound,
                StrCat("the scheme knows no C++ type for ", metadata.kind, " of ", metadata.api_version));
  }
  return types_.at(found->second).codec.decode(json);
}

Result<std::string> Scheme::Encode(const std::any& value) const {
  const auto found = types_.find(std::type_index(value.type()));
  if (found == types_.end()) return Fail(Code::kNotFound, "the scheme knows no kind for this C++ value");
  return found->second.codec.encode(value);
}

}  // namespace capstan::kube
