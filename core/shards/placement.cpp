#include <capstan/core/shards/placement.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <capstan/core/base/text.hpp>

namespace capstan::shards {
namespace {

// FNV-1a, followed by the finalizer of MurmurHash3, which spreads the common parts of uids and
// short names.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33);
}

// How many shards each member gets. The surplus goes to the members that have most already, so that
// nothing moves because of it.
std::map<std::string, std::size_t> SharesOf(const std::vector<std::string>& members,
                                            const std::map<std::string, std::vector<int>>& held,
                                            std::size_t shards) {
  std::vector<std::string> order = members;
  std::stable_sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) {
    const std::size_t of_a = held.at(a).size(), of_b = held.at(b).size();
    return of_a != of_b ? of_a > of_b : Score(a, -1) > Score(b, -1);
  });
  std::map<std::string, std::size_t> shares;
  for (std::size_t i = 0; i < order.size(); ++i)
    shares[order[i]] = shards / order.size() + (i < shards % order.size() ? 1 : 0);
  return shares;
}

}  // namespace

int ShardOf(std::string_view uid, int shards) {
  return static_cast<int>(Hash(uid) % static_cast<std::uint64_t>(shards));
}

std::string ShardLabel(int shards, int shard) { return StrCat(shards, "-", shard); }

std::string ShardSelector(int shards, int shard) {
  return StrCat(kShardLabel, "=", ShardLabel(shards, shard));
}

std::string StraySelector(int shards) {
  std::vector<std::string> labels;
  for (int shard = 0; shard < shards; ++shard) labels.push_back(ShardLabel(shards, shard));
  return StrCat(kShardLabel, " notin (", Join(labels, ","), ")");
}

std::uint64_t Score(std::string_view member, int shard) { return Hash(StrCat(member, "#", shard)); }

std::vector<std::string> PlaceShards(std::vector<std::string> members,
                                     const std::vector<std::string>& holders) {
  std::vector<std::string> placed(holders.size());
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (members.empty()) return placed;
  std::map<std::string, std::vector<int>> held;
  for (const std::string& member : members) held[member];
  for (std::size_t shard = 0; shard < holders.size(); ++shard) {
    const auto holder = held.find(holders[shard]);
    if (holder != held.end()) holder->second.push_back(static_cast<int>(shard));
  }
  auto room = SharesOf(members, held, holders.size());
  for (auto& [member, shards] : held) {
    std::sort(shards.begin(), shards.end(), [name = member](int a, int b) {
      return std::pair(Score(name, a), a) > std::pair(Score(name, b), b);
    });
    if (shards.size() > room[member]) shards.resize(room[member]);
    room[member] -= shards.size();
    for (const int shard : shards) placed[static_cast<std::size_t>(shard)] = member;
  }
  for (std::size_t shard = 0; shard < placed.size(); ++shard) {
    if (!placed[shard].empty()) continue;
    const std::string* best = nullptr;
    for (const std::string& member : members) {
      if (room[member] == 0) continue;
      if (best == nullptr || Score(member, static_cast<int>(shard)) > Score(*best, static_cast<int>(shard)))
        best = &member;
    }
    --room[*best];
    placed[shard] = *best;
  }
  return placed;
}

}  // namespace capstan::shards
