// The program of the link tests: it needs nothing itself, so that whatever fails to link is missing from the layer's
// declared dependencies.
int main() { return 0; }
