// The two tags of an identity: how they begin, and how clouds keep them. Most clouds have tags,
// which are texts; some have labels, which are keys with values, and whose values often take no
// colon: there the part behind it is the value. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/external/external.hpp>

namespace capstan::external {

// The only place that says how the tags begin.
inline constexpr char kIdentityPrefix[] = "capstan:";
inline constexpr char kOwnerPrefix[] = "capstan-owner:";
// The keys of the same as labels.
inline constexpr char kIdentityLabel[] = "capstan";
inline constexpr char kOwnerLabel[] = "capstan-owner";

// Whether a tag is an identity or an owner, ours or another installation's.
bool IsIdentityTag(std::string_view tag);

// The identity that `tags` hold; tag and owner are empty where there is none.
Identity IdentityInTags(const std::vector<std::string>& tags);
// `tags` with those of `identity` instead of any identity and owner there, all others kept: what a
// creation and an adoption write.
std::vector<std::string> WithIdentity(std::vector<std::string> tags, const Identity& identity);

// {"capstan": "<uid>", "capstan-owner": "<id>"}: at creation, and over those of others at adoption.
std::map<std::string, std::string> LabelsOf(const Identity& identity);
// The identity that labels hold; tag and owner are empty where there is none.
Identity IdentityIn(const std::map<std::string, std::string>& labels);

}  // namespace capstan::external
