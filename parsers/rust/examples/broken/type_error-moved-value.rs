fn twice(name: String) -> usize {
    let other = name;
    other.len() + name.len()
}
