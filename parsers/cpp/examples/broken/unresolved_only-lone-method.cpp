int balance(const Account& owner) const override
{
    return owner.opening() - fees_ - this->total();
}
