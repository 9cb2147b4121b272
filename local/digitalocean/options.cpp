#include <capstan/local/digitalocean/options.hpp>

namespace capstan::simulated_digitalocean {
namespace {

SizeOptions Size(const char* slug, int vcpus, int memory_gb, int disk_gb, double price,
                 const char* name = "") {
  SizeOptions size;
  size.slug = slug;
  size.name = name;
  size.vcpus = vcpus;
  size.memory_mb = memory_gb * 1024;
  size.disk_gb = disk_gb;
  size.price_monthly = price;
  return size;
}

SizeOptions GpuSize(const char* slug, int vcpus, int memory_gb, int disk_gb, double price, const char* model,
                    int count) {
  SizeOptions size = Size(slug, vcpus, memory_gb, disk_gb, price);
  size.gpu_model = model;
  size.gpu_count = count;
  return size;
}

SizeOptions DropletOnly(SizeOptions size) {
  size.kubernetes = false;
  return size;
}

RegionOptions Region(const char* slug, const char* name, bool kubernetes = true) {
  RegionOptions region;
  region.slug = slug;
  region.name = name;
  region.kubernetes = kubernetes;
  return region;
}

VersionOptions VersionNamed(const char* slug) {
  VersionOptions version;
  version.slug = slug;
  return version;
}

}  // namespace

std::vector<std::string> ReadOnlyScopes() {
  return {"kubernetes:read", "regions:read", "sizes:read", "tag:read", "vpc:read"};
}

std::vector<std::string> ScopesWithoutAccount() {
  return {"kubernetes:read",
          "kubernetes:create",
          "kubernetes:update",
          "kubernetes:delete",
          "kubernetes:access_cluster",
          "regions:read",
          "sizes:read",
          "tag:read",
          "tag:create",
          "tag:delete",
          "vpc:read"};
}

Catalog DefaultCatalog() {
  Catalog catalog;
  for (const char* slug : {"1.36.1-do.0", "1.36.0-do.1", "1.35.4-do.0", "1.35.3-do.2", "1.34.7-do.0",
                           "1.34.6-do.1", "1.33.11-do.0", "1.33.10-do.3"})
    catalog.versions.push_back(VersionNamed(slug));
  catalog.regions = {
      Region("nyc1", "New York 1"),  Region("nyc2", "New York 2", false), Region("nyc3", "New York 3"),
      Region("ams3", "Amsterdam 3"), Region("sfo2", "San Francisco 2"),   Region("sfo3", "San Francisco 3"),
      Region("sgp1", "Singapore 1"), Region("lon1", "London 1"),          Region("fra1", "Frankfurt 1"),
      Region("tor1", "Toronto 1"),   Region("blr1", "Bangalore 1"),       Region("syd1", "Sydney 1"),
      Region("atl1", "Atlanta 1")};
  catalog.sizes = {DropletOnly(Size("s-1vcpu-1gb", 1, 1, 25, 6)),
                   Size("s-1vcpu-2gb", 1, 2, 50, 12),
                   Size("s-1vcpu-3gb", 1, 3, 60, 15),
                   Size("s-2vcpu-2gb", 2, 2, 60, 18),
                   Size("s-2vcpu-4gb", 2, 4, 80, 24),
                   Size("s-4vcpu-8gb", 4, 8, 160, 48),
                   Size("s-6vcpu-16gb", 6, 16, 320, 80),
                   Size("s-8vcpu-16gb", 8, 16, 320, 96),
                   Size("s-8vcpu-32gb", 8, 32, 640, 192),
                   Size("s-12vcpu-48gb", 12, 48, 960, 288),
                   Size("s-16vcpu-64gb", 16, 64, 1280, 384),
                   Size("c-2", 2, 4, 25, 42, "c-2-4GiB"),
                   Size("c-4", 4, 8, 50, 84, "c-4-8GiB"),
                   Size("c-8", 8, 16, 100, 168, "c-8-16GiB"),
                   Size("c-16", 16, 32, 200, 336),
                   Size("g-2vcpu-8gb", 2, 8, 25, 63),
                   Size("g-4vcpu-16gb", 4, 16, 50, 126),
                   Size("g-8vcpu-32gb", 8, 32, 100, 252),
                   Size("g-16vcpu-64gb", 16, 64, 200, 504),
                   Size("gd-2vcpu-8gb", 2, 8, 50, 68),
                   Size("gd-4vcpu-16gb", 4, 16, 100, 136),
                   Size("m-2vcpu-16gb", 2, 16, 50, 84),
                   Size("m-4vcpu-32gb", 4, 32, 100, 168),
                   Size("m-8vcpu-64gb", 8, 64, 200, 336),
                   Size("m3-2vcpu-16gb", 2, 16, 150, 104),
                   Size("m6-2vcpu-16gb", 2, 16, 300, 131),
                   GpuSize("gpu-h100x1-80gb", 20, 240, 720, 2500, "nvidia_h100", 1),
                   GpuSize("gpu-h100x8-640gb", 160, 1920, 2046, 17800, "nvidia_h100", 8),
                   GpuSize("gpu-mi300x1-192gb", 20, 240, 720, 1480, "amd_mi300x", 1),
                   DropletOnly(Size("so1_5-2vcpu-16gb", 2, 16, 450, 163))};
  return catalog;
}

}  // namespace capstan::simulated_digitalocean
