#include <capstan/core/external/tags.hpp>

#include <algorithm>

namespace capstan::external {
namespace {

std::string Behind(const std::string& tag, std::string_view prefix) {
  return tag.starts_with(prefix) ? tag.substr(prefix.size()) : tag;
}

std::string Tag(const std::map<std::string, std::string>& labels, const char* label, const char* prefix) {
  const auto found = labels.find(label);
  return found == labels.end() || found->second.empty() ? std::string() : prefix + found->second;
}

}  // namespace

bool IsIdentityTag(std::string_view tag) {
  return tag.starts_with(kIdentityPrefix) || tag.starts_with(kOwnerPrefix);
}

Identity IdentityInTags(const std::vector<std::string>& tags) {
  Identity identity;
  for (const std::string& tag : tags) {
    if (tag.starts_with(kIdentityPrefix)) identity.tag = tag;
    if (tag.starts_with(kOwnerPrefix)) identity.owner = tag;
  }
  return identity;
}

std::vector<std::string> WithIdentity(std::vector<std::string> tags, const Identity& identity) {
  std::erase_if(tags, [](const std::string& tag) { return IsIdentityTag(tag); });
  tags.push_back(identity.tag);
  tags.push_back(identity.owner);
  return tags;
}

std::map<std::string, std::string> LabelsOf(const Identity& identity) {
  return {{kIdentityLabel, Behind(identity.tag, kIdentityPrefix)},
          {kOwnerLabel, Behind(identity.owner, kOwnerPrefix)}};
}

Identity IdentityIn(const std::map<std::string, std::string>& labels) {
  return {Tag(labels, kIdentityLabel, kIdentityPrefix), Tag(labels, kOwnerLabel, kOwnerPrefix), "", ""};
}

}  // namespace capstan::external
