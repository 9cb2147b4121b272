#include "mirror.hpp"

int main(int argc, char** argv) {
  capstan::Operator mirror({.name = "mirror", .version = "0.1.0", .domain = "mirror.example.dev"});
  example::Configure(mirror);
  return mirror.Run(argc, argv);
}
